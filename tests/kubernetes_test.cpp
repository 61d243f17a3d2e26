#include "surroundings/containers/kubernetes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surroundings/containers/pod_container.hpp"
#include "surroundings/surroundings.hpp"

namespace {

using namespace gatelint;

/// Manifests and all that they point into.
struct Read {
    explicit Read(std::map<std::string, std::string> files) : reader(files) {
        for (const auto& [path, text] : files) read_manifest(path, reader, cluster, reading);
    }

    std::string_view text(Span span) const { return sources.text(span); }

    MemoryReader reader;
    Sources sources;
    Arena arena;
    Reading reading{sources, arena};
    Kubernetes cluster;
};

Read one(std::string text) {
    return Read({{"/k8s/all.yaml", std::move(text)}});
}

const std::string web_service = R"(apiVersion: v1
kind: Service
metadata:
  name: app
  namespace: shop
spec:
  selector: {app: app}
  ports:
    - name: http
      port: 80
      targetPort: web
      nodePort: 30080
    - port: 8443
    - {port: 53, protocol: UDP}
)";

const std::string deployment = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  template:
    metadata:
      labels: {app: app, tier: back}
    spec:
      containers:
        - name: app
          image: example/app:1
          command: ["gunicorn", "-b", "0.0.0.0:8000"]
          args: ["shop:app"]
          env:
            - {name: PORT, value: "8000"}
            - name: KEY
              valueFrom: {secretKeyRef: {name: key, key: key}}
          ports:
            - {containerPort: 8000, name: web}
)";

}  // namespace

TEST_CASE("a Service's ports lead to ports of its pods, by number or name") {
    const Read read = one(web_service);
    REQUIRE(read.cluster.services.size() == 1);
    const KubernetesService& service = read.cluster.services.front();
    CHECK(service.name.name == "app");
    CHECK(service.name.space == "shop");
    CHECK(service.type == "ClusterIP");
    CHECK(service.is_whole);
    REQUIRE(service.ports.size() == 3);
    CHECK(service.ports[0].port == 80);
    CHECK(service.ports[0].target == 0);
    CHECK(service.ports[0].target_name == "web");
    CHECK(read.text(service.ports[0].span) == "80");
    CHECK(read.text(service.ports[0].target_span) == "web");
    CHECK(service.ports[1].target == 8443);
    CHECK(service.has_tcp_port(8443));
    CHECK_FALSE(service.has_tcp_port(53));
}

TEST_CASE("documents and lists of one file are parts of one cluster") {
    const Read read = one(web_service + "---\n" + deployment +
                          "---\napiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: "
                          "ConfigMap\n    metadata: {name: a}\n");
    CHECK(read.cluster.services.size() == 1);
    CHECK(read.cluster.pods.size() == 1);
    CHECK(read.cluster.config_maps.size() == 1);
}

TEST_CASE("a Deployment makes pods of its template") {
    const Read read = one(deployment);
    REQUIRE(read.cluster.pods.size() == 1);
    const KubernetesPod& pod = read.cluster.pods.front();
    CHECK(pod.kind == "Deployment");
    CHECK(pod.place.name == "pod app");
    CHECK(pod.place.pod == &pod);
    CHECK(pod.is_whole);
    REQUIRE(pod.containers.size() == 1);
    const KubernetesContainer& container = pod.containers.front();
    CHECK(container.base_image() == "example/app:1");
    REQUIRE(container.entrypoint.has_value());
    CHECK(container.entrypoint->words[2].text == "0.0.0.0:8000");
    REQUIRE(container.command.has_value());
    CHECK(container.environment.at("PORT").text == "8000");
    CHECK(container.environment.at("KEY").text == "\x1F");
    REQUIRE(container.ports.size() == 1);
    CHECK(container.ports.front().name == "web");
}

TEST_CASE("a Service selects the pods that have all of its labels") {
    const Read read = one(web_service + "---\n" + deployment);
    const KubernetesService& service = read.cluster.services.front();
    CHECK(read.cluster.pods_of(service).size() == 1);
    KubernetesService other = service;
    other.selector["tier"] = "front";
    CHECK(read.cluster.pods_of(other).empty());
    other.selector.clear();
    CHECK(read.cluster.pods_of(other).empty());
}

TEST_CASE("a name leads to a Service as the cluster's DNS has it") {
    using Kind = ServiceResolution::Kind;
    const Read read = one(web_service);
    const auto kind = [&](std::string_view name, std::string_view space) {
        return read.cluster.resolve_service(name, space).kind;
    };
    CHECK(kind("app", "shop") == Kind::services);
    CHECK(kind("app", "") == Kind::services);
    CHECK(kind("app", "blog") == Kind::absent);
    CHECK(kind("app.shop", "blog") == Kind::services);
    CHECK(kind("app.shop.svc", "blog") == Kind::services);
    CHECK(kind("app.shop.svc.cluster.local.", "blog") == Kind::services);
    CHECK(kind("app.blog.svc.cluster.local", "shop") == Kind::absent);
    CHECK(kind("app.example", "shop") == Kind::unknown);
    CHECK(kind("www.app.example", "shop") == Kind::unknown);
    CHECK(kind("app-0.app.shop.svc", "shop") == Kind::unknown);
}

TEST_CASE("where a manifest could not be read, no Service is absent") {
    const Read read({{"/k8s/a.yaml", web_service},
                     {"/k8s/b.yaml", "apiVersion: v1\nkind: Service\nmetadata: [\n"}});
    CHECK_FALSE(read.cluster.is_whole);
    CHECK(read.reading.remarks().size() == 1);
    CHECK(read.cluster.resolve_service("other", "").kind == ServiceResolution::Kind::unknown);
}

TEST_CASE("a template of Helm is remarked and left alone") {
    const Read read =
        one("apiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec:\n  ports:\n    - port: "
            "\"{{ .Values.port }}\"\n");
    CHECK(read.cluster.services.empty());
    CHECK_FALSE(read.cluster.is_whole);
    REQUIRE(read.reading.remarks().size() == 1);
    CHECK(read.reading.remarks().front().message.find("Helm") != std::string::npos);
}

TEST_CASE("what is filled in elsewhere is not whole") {
    const Read read =
        one("apiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec:\n  ports:\n    - port: "
            "${PORT}\n");
    REQUIRE(read.cluster.services.size() == 1);
    CHECK_FALSE(read.cluster.services.front().is_whole);
    const Read unnamed = one("apiVersion: v1\nkind: Service\nmetadata: {name: \"${APP}\"}\n");
    CHECK(unnamed.cluster.services.empty());
    CHECK_FALSE(unnamed.cluster.is_whole);
}

TEST_CASE("a patch without ports and a Service of Knative are no whole Services") {
    const Read patch =
        one("apiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec: {type: NodePort}\n");
    REQUIRE(patch.cluster.services.size() == 1);
    CHECK_FALSE(patch.cluster.services.front().is_whole);
    const Read knative =
        one("apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: app}\n");
    CHECK(knative.cluster.services.empty());
}

TEST_CASE("headless Services and other names are told apart") {
    const Read read =
        one("apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec:\n  clusterIP: None\n  "
            "ports: [{port: 5432}]\n---\napiVersion: v1\nkind: Service\nmetadata: {name: "
            "far}\nspec:\n  type: ExternalName\n  externalName: db.example.com\n");
    REQUIRE(read.cluster.services.size() == 2);
    CHECK(read.cluster.services[0].is_headless);
    REQUIRE(read.cluster.services[1].external_name.has_value());
}

TEST_CASE("the lines of a literal block have their places in the manifest") {
    const Read read = one(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata:\n  nginx.conf: |\n    "
        "events {}\n\n    http {\n    }\n  # a remark\n  \"b.conf\": |2-  # as it is\n      x;\n  "
        "c.conf: \"one;\\n\"\n  d.conf: >\n    folded;\n");
    REQUIRE(read.cluster.config_maps.size() == 1);
    const auto& entries = read.cluster.config_maps.front().entries;
    REQUIRE(entries.size() == 4);
    CHECK(entries[0].text == "events {}\n\nhttp {\n}\n");
    CHECK(read.text(entries[0].block) == "    events {}\n\n    http {\n    }\n");
    CHECK(entries[1].text == "  x;");
    CHECK(read.text(entries[1].block) == "      x;\n");
    CHECK_FALSE(entries[2].block.known());
    CHECK_FALSE(entries[3].block.known());
}

TEST_CASE("a block is laid out where it stands") {
    const std::string text =
        "apiVersion: v1\r\nkind: ConfigMap\nmetadata: {name: conf}\ndata:\n  a: |\n    x;\n    "
        "y;\n  b: z\n";
    const Read read = one(text);
    const auto& entries = read.cluster.config_maps.front().entries;
    const std::string laid_out = entries[0].laid_out(text);
    CHECK(laid_out.size() == text.find("  b:"));
    CHECK(laid_out.find_first_not_of(" \n") == text.find("x;"));
    CHECK(std::count(laid_out.begin(), laid_out.end(), '\n') == 7);
    CHECK(laid_out.ends_with("    x;\n    y;\n"));
}

TEST_CASE("a pod sees the ConfigMaps that it mounts") {
    const Read read = one(R"(apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data:
  nginx.conf: |
    events {}
  site.conf: |
    server {}
  quoted.conf: "server {}\n"
  app.conf.template: |
    server {}
  filled.conf: |
    server { server_name ${DOMAIN}; }
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
    - name: web
      image: nginx:1.25
      volumeMounts:
        - {name: conf, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}
        - {name: some, mountPath: /etc/nginx/conf.d}
        - {name: cache, mountPath: /var/cache/nginx}
  volumes:
    - name: conf
      configMap: {name: conf}
    - name: some
      configMap:
        name: conf
        items:
          - {key: site.conf, path: default.conf}
    - name: cache
      emptyDir: {}
)");
    REQUIRE(read.cluster.pods.size() == 1);
    const KubernetesPod& pod = read.cluster.pods.front();
    const ConfigMapFiles files(pod, read.cluster, read.sources);
    const ReadResult main = files.read("/conf/nginx.conf");
    CHECK(main.status == ReadStatus::ok);
    CHECK(main.text.ends_with("    events {}\n"));
    CHECK(main.shown == "k8s/all.yaml");
    CHECK(main.file != files.read("/conf/site.conf").file);
    CHECK(files.list("/some") == std::vector<std::string>{"default.conf"});
    CHECK(files.read("/some").status == ReadStatus::directory);
    CHECK(files.read("/cache").status == ReadStatus::missing);
    for (const char* hidden :
         {"/conf/quoted.conf", "/conf/app.conf.template", "/conf/filled.conf"}) {
        CHECK(files.read(hidden).status == ReadStatus::outside);
    }
    const Container container = bound_to(files, pod.containers.front());
    CHECK(container.base_image() == "nginx:1.25");
    REQUIRE(container.mounts.size() == 3);
    CHECK(container.mounts[0].source == "/conf/nginx.conf");
    CHECK(container.mounts[1].source == "/some");
    CHECK(container.mounts[2].kind == Mount::Kind::volume);
}

TEST_CASE("of ConfigMaps with one name the nearest counts, and of equally near ones none") {
    const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\n";
    const std::string pod =
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {a: b}}\nspec: {containers: "
        "[{name: a, image: b}]}\n";
    const Read near({{"/base/a.yaml", map + pod}, {"/base/b.yaml", map}, {"/dev/a.yaml", map}});
    const KubernetesConfigMap* found =
        near.cluster.find_config_map("conf", near.cluster.pods.front(), near.sources);
    REQUIRE(found != nullptr);
    CHECK(near.sources.path(found->name.span.source) == "base/a.yaml");
    const Read far({{"/base/a.yaml", pod}, {"/dev/b.yaml", map}, {"/prod/b.yaml", map}});
    CHECK(far.cluster.find_config_map("conf", far.cluster.pods.front(), far.sources) == nullptr);
}

TEST_CASE("what a pod's command runs listens in the pod, where nginx may be too") {
    Sources sources;
    const MemoryReader files({{"/k8s/app.yaml", deployment},
                              {"/k8s/values.yaml", web_service},
                              {"/k8s/other.yaml", "a: b\n"},
                              {"/k8s/service.yaml", web_service}},
                             false);
    Search search;
    search.area.trees = {"/k8s"};
    search.place.pod = "k8s/app.yaml\nDeployment\n\napp";
    const Surroundings found = discover(search, files, sources);
    CHECK(found.kubernetes().services.size() == 1);
    REQUIRE(found.nginx_pod() != nullptr);
    CHECK(found.nginx_pod()->name.name == "app");
    REQUIRE(found.listeners().size() == 1);
    CHECK(to_string(found.listeners().front().at) == "0.0.0.0:8000");
    CHECK(found.is_beside_nginx(found.listeners().front()));
    search.place.pod.clear();
    const Surroundings elsewhere = discover(search, files, sources);
    CHECK(elsewhere.nginx_pod() == nullptr);
    CHECK_FALSE(elsewhere.is_beside_nginx(elsewhere.listeners().front()));
}

TEST_CASE("hostile manifests end soon") {
    std::string many = "apiVersion: v1\nkind: List\nitems:\n";
    for (int i = 0; i < 5'000; ++i) {
        many += "- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n";
    }
    const Read read = one(many);
    CHECK(read.cluster.config_maps.size() == 5'000);
    CHECK(read.cluster.is_whole);
    for (const char* odd :
         {"apiVersion: v1\nkind: Service\n", "apiVersion: v1\nkind: Service\nmetadata: a\n",
          "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: [a]\n",
          "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: [b]}\n",
          "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: |",
          "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: |9\n",
          "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{command: "
          "[[a]]}]}\n",
          "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: a\n"}) {
        INFO(odd);
        const Read any = one(odd);
        for (const KubernetesPod& pod : any.cluster.pods) CHECK_FALSE(pod.is_whole);
        for (const KubernetesConfigMap& map : any.cluster.config_maps) {
            for (const ConfigMapEntry& entry : map.entries) {
                CHECK(entry.laid_out("").empty());
            }
        }
    }
}
