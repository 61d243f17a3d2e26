#include <doctest/doctest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/context.hpp"
#include "input/inputs.hpp"
#include "lint.hpp"
#include "report/results.hpp"
#include "temporary_directory.hpp"

namespace gatelint {

namespace {

namespace fs = std::filesystem;

/// Valid only outside of a location that a regular expression gives: each is a finding there.
constexpr std::string_view bad_location = "location ~ /a { proxy_pass http://10.0.0.5/; }\n";
constexpr std::string_view bad_pass = "proxy_pass http://10.0.0.5/;\n";
constexpr std::string_view bad_server =
    "server { location ~ /a { proxy_pass http://10.0.0.5/; } }\n";
constexpr std::string_view other_bad_server =
    "server { listen 81; location ~ /a { proxy_pass http://10.0.0.5/; } }\n";

std::string main_text(const std::string& include) {
    return "events {}\nhttp { include " + include + "; }\n";
}

struct Asked {
    std::vector<std::string> paths;
    std::string stdin_filename = {};
    std::string stdin_text = {};
    std::string context = {};
    std::string root = {};
};

/// What is to be judged, a line each: the main file and the files that were asked for, below
/// `directory`; then problems and findings.
std::string judged(const TemporaryDirectory& directory, const Asked& asked) {
    const std::string top = directory.path().string();
    const auto below = [&](std::string text) {
        for (std::size_t at = 0; (at = text.find(top, at)) != std::string::npos;) {
            text.erase(at, top.size());
        }
        return text;
    };
    InputOptions options;
    options.stdin_text = asked.stdin_text;
    if (!asked.stdin_filename.empty()) options.stdin_filename = top + asked.stdin_filename;
    if (!asked.root.empty()) options.root = top + asked.root;
    if (!asked.context.empty()) options.context = parse_context(asked.context);
    options.discovers = false;
    Sources sources;
    Inputs inputs(options, sources);
    for (const std::string& path : asked.paths) inputs.add(path == "-" ? path : top + path);

    std::string out;
    std::vector<Finding> findings;
    for (const Target& target : inputs.targets()) {
        out += below(target.name);
        for (const std::string& file : target.only) out += " + " + below(file);
        out += '\n';
        LintResult result = lint(target, sources);
        if (result.status != ReadStatus::ok) out += "! cannot be read\n";
        for (Finding& finding : result.findings) findings.push_back(std::move(finding));
    }
    sort_findings(findings, sources);
    for (const Inputs::Problem& problem : inputs.problems()) {
        out += (problem.is_misuse ? "? " : "! ") + below(problem.message) + '\n';
    }
    for (const Note& limit : inputs.limits()) out += "~ " + below(limit.message) + '\n';
    for (const Finding& finding : findings) {
        const Position place = sources.position(finding.span.source, finding.span.begin);
        out += "> " + below(sources.path(finding.span.source)) + ':' + std::to_string(place.line) +
               ' ' + std::string(finding.rule) + '\n';
    }
    return out;
}

}  // namespace

TEST_SUITE("directories") {
    TEST_CASE("a limit that is reached is said") {
        const TemporaryDirectory host;
        host.write("/r/a.snippet", bad_pass);
        for (int i = 0; i < 2001; ++i) host.write("/r/" + std::to_string(i) + ".conf", "");
        CHECK(judged(host, {{"/r/a.snippet"}}) ==
              "/r/a.snippet\n~ /r holds more than 2000 files named *.conf\n");
    }

    TEST_CASE("a directory is its main configuration") {
        const TemporaryDirectory host;
        host.write("/r/nginx/nginx.conf", main_text("site"));
        host.write("/r/other/nginx.conf", "events {}");
        CHECK(judged(host, {{"/r"}}) ==
              "/r/nginx/nginx.conf\n> /r/nginx/nginx.conf:2 include-target-missing\n");
    }

    TEST_CASE("without one in the usual places, all below it are judged") {
        const TemporaryDirectory host;
        host.write("/r/a/web/nginx.conf", "events {}");
        host.write("/r/a/web/site.conf", bad_server);
        host.write("/r/b/proxy.conf", "events {}\nhttp { " + std::string(bad_server) + " }");
        host.write("/r/b/redis.conf", "bind 127.0.0.1\nevents x\n");
        host.write("/r/node_modules/x/nginx.conf", "events {}");
        host.write("/r/vendor/x/nginx.conf", "events {}");
        host.write("/r/.git/nginx.conf", "events {}");
        CHECK(judged(host, {{"/r"}}) ==
              "/r/a/web/nginx.conf\n/r/b/proxy.conf\n"
              "> /r/b/proxy.conf:2 proxy-pass-uri-forbidden\n");
    }

    TEST_CASE("without any, fragments are judged, and only what is nginx's") {
        const TemporaryDirectory host;
        host.write("/r/x/site.conf", bad_server);
        host.write("/r/sites-available/shop.example.com", bad_location);
        host.write("/r/sites-available/.hidden", bad_location);
        host.write("/r/x/site.txt", bad_server);
        host.write("/r/www.conf", "; a pool\n[www]\nuser = www-data\nlisten = 9000\n");
        host.write("/r/supervisord.conf", "[supervisord]\nuser=root\n");
        host.write("/r/apache.conf", "<VirtualHost *:80>\nServerName x\n</VirtualHost>\n");
        host.write("/r/redis.conf", "port 6379\nuser default on\n");
        host.write("/r/vpn.conf", "user nobody\ngroup nogroup\n");
        host.write("/r/supervisor.d/nginx.conf",
                   "[group:nginx]\nprograms=nginxd\n\n[program:nginxd]\ncommand = nginx\n");
        host.write("/r/patterns/nginx.conf", "NGINXACCESS %{IPORHOST:clientip} %{WORD:verb}\n");
        host.write("/r/imap.conf",
                   "protocol imap {\n  mail_plugins = $mail_plugins imap_quota\n}\n");
        host.write("/r/syslog.conf",
                   "if $syslogtag contains 'x' then /var/log/x.log\n& stop\n"
                   ":syslogtag, startswith, \"y\" {\n /var/log/y.log\n stop\n}\n");
        host.write("/r/broken.conf", "server {\n listen 80\n}\n");
        CHECK(judged(host, {{"/r"}}) ==
              "/r/broken.conf\n/r/sites-available/shop.example.com\n/r/x/site.conf\n"
              "> /r/broken.conf:2 syntax-error\n"
              "> /r/sites-available/shop.example.com:1 proxy-pass-uri-forbidden\n"
              "> /r/x/site.conf:1 proxy-pass-uri-forbidden\n");
    }

    TEST_CASE("a directory of fragments is judged in the tree that includes them") {
        const TemporaryDirectory host;
        host.write("/r/nginx.conf", main_text("conf.d/*.conf"));
        host.write("/r/conf.d/a.conf", bad_server);
        host.write("/r/conf.d/b.conf", "server { listen 81; }");
        host.write("/r/conf.d/c.inc.conf", "");
        CHECK(judged(host, {{"/r/conf.d"}}) ==
              "/r/conf.d/a.conf + /r/conf.d/a.conf + /r/conf.d/b.conf\n"
              "> /r/conf.d/a.conf:1 proxy-pass-uri-forbidden\n");
    }

    TEST_CASE("a directory without nginx's files cannot be read") {
        const TemporaryDirectory host;
        host.write("/r/readme.conf", "Hello.");
        CHECK(judged(host, {{"/r"}}) == "! cannot read /r: no nginx configuration found in it\n");
    }

    TEST_CASE("links that lead out of a directory or round in circles are not followed") {
        const TemporaryDirectory host;
        host.write("/outside/site.conf", bad_server);
        host.write("/r/conf.d/a.conf", bad_server);
        host.link("/r/conf.d/b.conf", host.at("/outside/site.conf"));
        host.link("/r/conf.d/c", "..");
        host.link("/r/d", host.at("/outside"));
        CHECK(judged(host, {{"/r"}}) ==
              "/r/conf.d/a.conf\n> /r/conf.d/a.conf:1 proxy-pass-uri-forbidden\n");
    }
}

TEST_SUITE("fragments of a tree") {
    TEST_CASE("a fragment is judged where it is included") {
        const TemporaryDirectory host;
        host.write("/r/.git/HEAD", "");
        host.write("/r/nginx.conf",
                   "events {}\nhttp { server { location ~ /a { include parts/pass; } } }\n");
        host.write("/r/parts/pass", bad_pass);
        CHECK(judged(host, {{"/r/parts/pass"}}) ==
              "/r/parts/pass + /r/parts/pass\n> /r/parts/pass:1 proxy-pass-uri-forbidden\n");
        // By itself it might stand in any location.
        fs::remove(host.at("/r/nginx.conf"));
        CHECK(judged(host, {{"/r/parts/pass"}}) == "/r/parts/pass\n");
    }

    TEST_CASE("of the rest of the tree nothing is said") {
        const TemporaryDirectory host;
        host.write("/r/nginx.conf", main_text("*.conf") + "include none;");
        host.write("/r/a.conf", bad_server);
        host.write("/r/b.conf", other_bad_server);
        fs::rename(host.at("/r/nginx.conf"), host.at("/r/main"));
        host.write("/r/nginx.conf", "events {}\nhttp { include a.conf; include b.conf; }\n");
        CHECK(judged(host, {{"/r/b.conf"}}) ==
              "/r/b.conf + /r/b.conf\n> /r/b.conf:1 proxy-pass-uri-forbidden\n");
    }

    TEST_CASE("nginx in a pod is judged with what ConfigMaps bring, at its place in the manifest") {
        const TemporaryDirectory host;
        host.write("/k8s/web.yaml",
                   "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\n"
                   "spec:\n  containers:\n    - name: web\n      image: nginx:1.25\n"
                   "      volumeMounts:\n        - {name: conf, mountPath: /etc/nginx/conf.d}\n"
                   "  volumes:\n    - name: conf\n      configMap: {name: conf}\n");
        host.write("/k8s/conf.yaml",
                   "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata:\n"
                   "  default.conf: |\n    " +
                       std::string(bad_server) + "  other.conf: |\n    " +
                       std::string(other_bad_server));
        const std::string judgement =
            "/k8s/web.yaml (pod web)\n> /k8s/conf.yaml:6 proxy-pass-uri-forbidden\n"
            "> /k8s/conf.yaml:8 proxy-pass-uri-forbidden\n";
        CHECK(judged(host, {{"/k8s/web.yaml"}}) == judgement);
        CHECK(judged(host, {{"/k8s/conf.yaml"}}) == judgement);
        CHECK(judged(host, {{"/k8s"}}) == judgement);
        CHECK(judged(host, {{"/k8s", "/k8s/web.yaml"}}) == judgement);
    }

    TEST_CASE("a manifest without nginx is told to be none of ours") {
        const TemporaryDirectory host;
        host.write("/k8s/app.yaml",
                   "apiVersion: v1\nkind: Pod\nmetadata: {name: app, labels: {app: app}}\n"
                   "spec: {containers: [{name: app, image: app}]}\n");
        CHECK(judged(host, {{"/k8s/app.yaml"}}).find("no pod in it runs nginx") !=
              std::string::npos);
    }

    TEST_CASE("the main file may have another name, and lie further up") {
        const TemporaryDirectory host;
        host.write("/p/compose.yaml", "");
        host.write("/p/web.conf", "user x;\n" + main_text("sites/shop/a.conf"));
        host.write("/p/sites/shop/a.conf", bad_server);
        CHECK(judged(host, {{"/p/sites/shop/a.conf"}}).starts_with("/p/sites/shop/a.conf + "));
    }

    TEST_CASE("nobody looks above the top of the project or the root") {
        const TemporaryDirectory host;
        host.write("/nginx.conf", main_text("p/a.conf"));
        host.write("/p/compose.yaml", "");
        host.write("/p/a.conf", bad_server);
        CHECK(judged(host, {{"/p/a.conf"}}).starts_with("/p/a.conf\n"));
        CHECK(judged(host, {.paths = {"/p/a.conf"}, .root = "/p"}).starts_with("/p/a.conf\n"));
        fs::remove(host.at("/p/compose.yaml"));
        CHECK(judged(host, {{"/p/a.conf"}}).starts_with("/p/a.conf + /p/a.conf\n"));
    }

    TEST_CASE("a part of the main context is one of a tree, too") {
        const TemporaryDirectory host;
        host.write("/r/nginx.conf", "include modules-enabled/*.conf;\nevents {}\n");
        host.write("/r/modules-enabled/50-x.conf", "load_module x.so;");
        CHECK(judged(host, {{"/r/modules-enabled/50-x.conf"}}) ==
              "/r/modules-enabled/50-x.conf + /r/modules-enabled/50-x.conf\n");
    }

    TEST_CASE("fragments of one tree are judged together, and in it if it was named") {
        const TemporaryDirectory host;
        host.write("/r/nginx.conf", main_text("*.x"));
        host.write("/r/a.x", bad_server);
        host.write("/r/b.x", other_bad_server);
        CHECK(judged(host, {{"/r/a.x", "/r/b.x", "/r/a.x"}}) ==
              "/r/a.x + /r/a.x + /r/b.x\n"
              "> /r/a.x:1 proxy-pass-uri-forbidden\n> /r/b.x:1 proxy-pass-uri-forbidden\n");
        const std::string whole =
            "> /r/a.x:1 proxy-pass-uri-forbidden\n> /r/b.x:1 proxy-pass-uri-forbidden\n";
        CHECK(judged(host, {{"/r/a.x", "/r/nginx.conf"}}) == "/r/a.x\n" + whole);
        CHECK(judged(host, {{"/r/nginx.conf", "/r/a.x"}}) == "/r/nginx.conf\n" + whole);
        CHECK(judged(host, {{"/r", "/r/nginx.conf", "/r/../r/nginx.conf"}}) ==
              "/r/nginx.conf\n" + whole);
    }

    TEST_CASE("an option wins over a comment, a comment over the tree") {
        const TemporaryDirectory host;
        const std::string text = "proxy_buffer_size 8k;\n" + std::string(bad_location);
        host.write("/r/nginx.conf", main_text("a"));
        host.write("/r/a", text);
        CHECK(judged(host, {{"/r/a"}}) == "/r/a + /r/a\n> /r/a:2 misplaced-directive\n");
        CHECK(judged(host, {.paths = {"/r/a"}, .context = "server"}) ==
              "/r/a\n> /r/a:2 proxy-pass-uri-forbidden\n");
        host.write("/r/a", "# gatelint: context=server\n" + text);
        CHECK(judged(host, {{"/r/a"}}) == "/r/a\n> /r/a:3 proxy-pass-uri-forbidden\n");
        CHECK(judged(host, {.paths = {"/r/a"}, .context = "http"}) ==
              "/r/a\n> /r/a:3 misplaced-directive\n");
    }

    TEST_CASE("what a fragment includes is found where the main file above it would find it") {
        const TemporaryDirectory host;
        host.write("/r/nginx.conf", "events {}");
        host.write("/r/parts/server/a.conf", "location ~ /a { include parts/pass; }");
        host.write("/r/parts/pass", bad_pass);
        CHECK(judged(host, {{"/r/parts/server/a.conf"}}) ==
              "/r/parts/server/a.conf\n> /r/parts/pass:1 proxy-pass-uri-forbidden\n");
    }

    TEST_CASE("a comment that names no context is a mistake, and the file is judged") {
        const TemporaryDirectory host;
        host.write("/r/a", "# gatelint: context=sever\n" + std::string(bad_location));
        const std::string text = judged(host, {{"/r/a"}});
        CHECK(text.find("? /r/a: unknown context 'sever'; expected main, ") != std::string::npos);
        CHECK(text.find("> /r/a:2 proxy-pass-uri-forbidden") != std::string::npos);
    }
}

TEST_SUITE("links") {
    TEST_CASE("a site that is enabled by a link is reported once, where it lies") {
        const TemporaryDirectory host;
        host.write("/r/nginx.conf", main_text("sites-enabled/*"));
        host.write("/r/sites-available/shop", bad_server);
        host.link("/r/sites-enabled/shop", "../sites-available/shop");
        const std::string finding = "> /r/sites-available/shop:1 proxy-pass-uri-forbidden\n";
        CHECK(judged(host, {{"/r/nginx.conf"}}) == "/r/nginx.conf\n" + finding);
        const std::string fragment = " + /r/sites-available/shop\n" + finding;
        CHECK(judged(host, {{"/r/sites-enabled/shop"}}) == "/r/sites-enabled/shop" + fragment);
        CHECK(judged(host, {{"/r/sites-available/shop", "/r/sites-enabled/shop"}}) ==
              "/r/sites-available/shop" + fragment);
        CHECK(judged(host, {{"/r/sites-enabled", "/r/sites-available"}}).ends_with(fragment));
    }

    TEST_CASE("a file that two trees include is reported once") {
        const TemporaryDirectory host;
        host.write("/r/a/nginx.conf", "events {}\nhttp { include ../site; }\n");
        host.write("/r/b/nginx.conf", "events {}\nhttp { include ../site; }\n");
        host.write("/r/compose.yaml", "");
        host.write("/r/site", bad_server);
        CHECK(judged(host, {{"/r"}}) ==
              "/r/a/nginx.conf\n/r/b/nginx.conf\n> /r/site:1 proxy-pass-uri-forbidden\n");
    }
}

TEST_CASE("a file that is included in two contexts is judged in both") {
    const TemporaryDirectory host;
    host.write("/r/nginx.conf",
               "events {}\nhttp { server { location / { include pass; } location ~ /a { include "
               "pass; } } }\n");
    host.write("/r/pass", bad_pass);
    CHECK(judged(host, {{"/r"}}) == "/r/nginx.conf\n> /r/pass:1 proxy-pass-uri-forbidden\n");
}

TEST_SUITE("standard input") {
    TEST_CASE("it is a main file or a fragment without a place") {
        const std::string here = std::filesystem::current_path().string() + "/";
        const TemporaryDirectory host;
        CHECK(judged(host, {.paths = {"-"}, .stdin_text = std::string(bad_location)})
                  .find("<stdin>:1 proxy-pass-uri-forbidden") != std::string::npos);
        CHECK(judged(host, {.paths = {"-"}, .stdin_text = "events {}\n" + std::string(bad_pass)}) ==
              "<stdin>\n> " + here + "<stdin>:2 misplaced-directive\n");
        CHECK(judged(host, {.paths = {"-", "-"}, .stdin_text = "# x"}) == "<stdin>\n");
        CHECK(judged(host,
                     {.paths = {"-"}, .stdin_text = std::string(bad_pass), .context = "main"}) ==
              "<stdin>\n> " + here + "<stdin>:1 misplaced-directive\n");
    }

    TEST_CASE("an unsaved text stands where its file does") {
        const TemporaryDirectory host;
        host.write("/r/nginx.conf", main_text("conf.d/*.conf"));
        host.write("/r/conf.d/a.conf", "server { listen 80; }\n");
        const std::string finding = "> /r/conf.d/a.conf:1 proxy-pass-uri-forbidden\n";
        CHECK(judged(host, {{"-"}, "/r/conf.d/a.conf", std::string(bad_server)}) ==
              "/r/conf.d/a.conf + /r/conf.d/a.conf\n" + finding);
        CHECK(judged(host, {{"-", "/r/nginx.conf"}, "/r/conf.d/a.conf", std::string(bad_server)}) ==
              "/r/conf.d/a.conf\n" + finding);
        host.write("/r/conf.d/a.conf", bad_server);
        CHECK(judged(host, {{"-"}, "/r/conf.d/a.conf", "server {}"}) ==
              "/r/conf.d/a.conf + /r/conf.d/a.conf\n");
    }

    TEST_CASE("an unsaved text may be of a file that is not there yet") {
        const TemporaryDirectory host;
        host.write("/r/nginx.conf", main_text("conf.d/*.conf"));
        CHECK(judged(host, {{"-"}, "/r/conf.d/new.conf", std::string(bad_server)}) ==
              "/r/conf.d/new.conf + /r/conf.d/new.conf\n"
              "> /r/conf.d/new.conf:1 proxy-pass-uri-forbidden\n");
    }

    TEST_CASE("an unsaved main file is judged with the files on disk") {
        const TemporaryDirectory host;
        host.write("/r/nginx.conf", "events {}\n");
        host.write("/r/a", bad_server);
        CHECK(judged(host, {{"-"}, "/r/nginx.conf", main_text("a")}) ==
              "/r/nginx.conf\n> /r/a:1 proxy-pass-uri-forbidden\n");
    }

    TEST_CASE("an unsaved text is seen through links to its file") {
        const TemporaryDirectory host;
        host.write("/r/nginx.conf", main_text("sites-enabled/*"));
        host.write("/r/sites-available/shop", "server {}");
        host.link("/r/sites-enabled/shop", "../sites-available/shop");
        for (const char* name : {"/r/sites-available/shop", "/r/sites-enabled/shop"}) {
            CHECK(judged(host, {{"-"}, name, std::string(bad_server)})
                      .ends_with("> /r/sites-available/shop:1 proxy-pass-uri-forbidden\n"));
        }
    }
}

TEST_SUITE("dumps") {
    const std::string dump =
        "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n"
        "# configuration file /etc/nginx/nginx.conf:\n" +
        main_text("conf.d/*.conf") + "\n# configuration file /etc/nginx/conf.d/a.conf:\n#\n" +
        std::string(bad_server);

    TEST_CASE("findings have the places that they have on the host") {
        const TemporaryDirectory host;
        host.write("/dump.txt", dump);
        const std::string finding = "> /etc/nginx/conf.d/a.conf:2 proxy-pass-uri-forbidden\n";
        CHECK(judged(host, {{"/dump.txt", "/dump.txt"}}) == "/dump.txt\n" + finding);
        CHECK(judged(host, {.paths = {"-"}, .stdin_text = dump}) == "<stdin>\n" + finding);
    }

    TEST_CASE("what nginx says of a configuration that it refuses is no dump") {
        const TemporaryDirectory host;
        const std::string said =
            "2026/01/02 03:04:05 [emerg] 7#7: unexpected \"}\" in /etc/nginx/nginx.conf:9\n"
            "nginx: configuration file /etc/nginx/nginx.conf test failed\n";
        host.write("/dump.txt", said);
        CHECK(judged(host, {{"/dump.txt"}}) ==
              "! cannot read /dump.txt: nginx rejected this configuration and dumped nothing; "
              "check the main file instead\n");
        CHECK(judged(host, {.paths = {"-"}, .stdin_text = said}).starts_with("! cannot read <std"));
        CHECK(judged(host, {.paths = {"-"}, .stdin_text = said + "server {}"}).find('!') ==
              std::string::npos);
    }

    TEST_CASE("sockets are not taken for missing") {
        const TemporaryDirectory host;
        host.write("/dump.txt",
                   "# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp { server { "
                   "location / { fastcgi_pass unix:/run/x.sock; include cut.conf; } } }\n");
        CHECK(judged(host, {{"/dump.txt"}}) == "/dump.txt\n");
    }
}

TEST_SUITE("compose projects") {
    constexpr const char* web =
        "services:\n  web:\n    image: nginx:1.25\n    volumes:\n"
        "      - ./nginx/site.conf:/etc/nginx/conf.d/default.conf\n";

    TEST_CASE("a compose file is its services that run nginx, with what they mount") {
        const TemporaryDirectory host;
        host.write("/r/compose.yaml", web);
        host.write("/r/nginx/site.conf", bad_server);
        host.write("/r/nginx/other.conf", bad_server);
        CHECK(judged(host, {{"/r/compose.yaml"}}) ==
              "/r/compose.yaml (service web)\n> /r/nginx/site.conf:1 proxy-pass-uri-forbidden\n");
    }

    TEST_CASE("a file that a service mounts is judged as the service sees it") {
        const TemporaryDirectory host;
        host.write("/r/compose.yaml", web);
        host.write("/r/nginx/site.conf", bad_server);
        host.write("/r/nginx/other.conf", bad_server);
        CHECK(judged(host, {{"/r/nginx/site.conf"}}) ==
              "/r/compose.yaml (service web) + /r/nginx/site.conf\n"
              "> /r/nginx/site.conf:1 proxy-pass-uri-forbidden\n");
        CHECK(judged(host, {{"/r/nginx/other.conf"}}) ==
              "/r/nginx/other.conf\n> /r/nginx/other.conf:1 proxy-pass-uri-forbidden\n");
    }

    TEST_CASE("a directory is its projects, and the configurations that none of them uses") {
        const TemporaryDirectory host;
        host.write("/r/compose.yaml", web);
        host.write("/r/nginx/site.conf", bad_server);
        host.write("/r/nginx/other.conf", bad_server);
        CHECK(judged(host, {{"/r"}}) ==
              "/r/compose.yaml (service web)\n/r/nginx/other.conf\n"
              "> /r/nginx/other.conf:1 proxy-pass-uri-forbidden\n"
              "> /r/nginx/site.conf:1 proxy-pass-uri-forbidden\n");
    }

    TEST_CASE("what a Dockerfile copies is the container's") {
        const TemporaryDirectory host;
        host.write("/r/compose.yaml", "services:\n  web:\n    build: web\n");
        host.write("/r/web/Dockerfile",
                   "FROM nginx:1.25\nCOPY nginx.conf /etc/nginx/nginx.conf\n"
                   "COPY sites /etc/nginx/sites\n");
        host.write("/r/web/nginx.conf", main_text("/etc/nginx/sites/*.conf"));
        host.write("/r/web/sites/a.conf", bad_server);
        CHECK(judged(host, {{"/r/compose.yaml"}}) ==
              "/r/compose.yaml (service web)\n> /r/web/sites/a.conf:1 proxy-pass-uri-forbidden\n");
    }

    TEST_CASE("a project without nginx is a problem, and mounts lead to no file outside of it") {
        const TemporaryDirectory host;
        host.write("/r/.git/HEAD", "");
        host.write("/r/compose.yaml", "services:\n  app:\n    image: node:20\n");
        CHECK(judged(host, {{"/r/compose.yaml"}}) ==
              "! cannot check /r/compose.yaml: no service in it runs nginx with a configuration "
              "that gatelint can find\n");
        host.write("/secret.conf", bad_server);
        host.write("/r/compose.yaml",
                   "services:\n  web:\n    image: nginx\n    volumes:\n"
                   "      - ../secret.conf:/etc/nginx/conf.d/default.conf\n");
        CHECK(judged(host, {{"/r/compose.yaml"}}) ==
              "! cannot check /r/compose.yaml: no service in it runs nginx with a configuration "
              "that gatelint can find\n");
    }
}

}  // namespace gatelint
