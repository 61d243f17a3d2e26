#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>

#include "surroundings/containers/envsubst.hpp"

namespace gatelint {

namespace {

/// The calls in a text, as `input>output`, with `+list` where names are given.
std::string calls(std::string_view text) {
    std::string shown;
    for (const EnvsubstCall& call : envsubst_calls(text, SourceId::none)) {
        shown += shown.empty() ? "" : " ";
        shown += call.input + ">" + call.output + (call.has_list ? "+list" : "");
    }
    return shown;
}

}  // namespace

TEST_CASE("calls of envsubst are found in scripts, Dockerfiles and compose files") {
    CHECK(calls("envsubst < a > b") == "a>b");
    CHECK(calls("envsubst <a >b && nginx") == "a>b");
    CHECK(calls("/usr/bin/envsubst < a > b; nginx") == "a>b");
    CHECK(calls("CMD [\"sh\", \"-c\", \"envsubst < /a > /b && nginx\"]") == "/a>/b");
    CHECK(calls("command: bash -c \"envsubst < /a > /b\"\nports: []\n") == "/a>/b");
    CHECK(calls("cat a.tpl | envsubst > b") == "a.tpl>b");
    CHECK(calls("envsubst '$A $B' < a > b") == "a>b+list");
    CHECK(calls("envsubst \"$NAMES\" < a > b") == "a>b+list");
    CHECK(calls("bash -c \"envsubst \\\"$$A\\\" < a > b\"") == "a>b+list");
    CHECK(calls("envsubst '$A\n  $B' \\\n  <a >b\nnginx") == "a>b+list");
    CHECK(calls("envsubst < a \\\n > b\nenvsubst < c > d") == "a>b c>d");
}

TEST_CASE("comments, names of files and calls without a file are no calls of envsubst") {
    CHECK(calls("# envsubst < a > b").empty());
    CHECK(calls("nginx # envsubst < a > b").empty());
    CHECK(calls("COPY 20-envsubst-on-templates.sh /x").empty());
    CHECK(calls("./20-envsubst < a > b").empty());
    CHECK(calls("command -v envsubst\nls < a > b").empty());
    CHECK(calls("apk add envsubst gettext").empty());
    CHECK(calls("envsubst").empty());
}

TEST_CASE(
    "a template is found where a compose file mounts it from, or by a name that is the only one") {
    const auto found = [](std::map<std::string, std::string> more) {
        std::map<std::string, std::string> texts = {{"/p/nginx/a.template", "A"}};
        texts.merge(more);
        const MemoryReader files(texts);
        Sources sources;
        const TemplateFillers fillers = find_template_fillers({{"/p"}, {}, {}}, files, sources);
        REQUIRE(fillers.calls.size() == 1);
        const Span span = fillers.calls.front().template_text;
        return span.known() ? std::string(sources.text(span)) : "-";
    };
    CHECK(found({{"/p/compose.yml",
                  "- ./nginx/a.template:/t/x:ro\ncommand: envsubst < /t/x > y"}}) == "A");
    CHECK(found({{"/p/run.sh", "envsubst < nginx/a.template > y"}}) == "A");
    CHECK(found({{"/p/Dockerfile", "RUN envsubst < /tmp/a.template > y"}}) == "A");
    CHECK(found({{"/p/Dockerfile", "RUN envsubst < /tmp/b.template > y"}}) == "-");
    CHECK(found({{"/p/Dockerfile", "RUN envsubst < /tmp/a.template > y"},
                 {"/p/b/a.template", ""}}) == "-");
    CHECK(found({{"/p/run.sh", "envsubst < \"$1\" > y"}}) == "-");
}

TEST_CASE("names in capitals around a configuration have somebody who fills them in") {
    const MemoryReader files(std::map<std::string, std::string>{
        {"/p/compose.yaml", "environment:\n  - BACKEND_HOST=app\n"}, {"/p/a.txt", "OTHER"}});
    Sources sources;
    const TemplateFillers fillers = find_template_fillers({{"/p"}, {}, {}}, files, sources);
    CHECK(fillers.names.contains("BACKEND_HOST"));
    CHECK(!fillers.names.contains("OTHER"));
}

TEST_CASE("a script of many calls is read in bounded time") {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "envsubst \"'<";
    CHECK(envsubst_calls(text, SourceId::none).size() <= 50);
}

TEST_CASE("a script that is too long is not read, which is known") {
    const auto is_whole = [](std::size_t size) {
        const MemoryReader files(
            std::map<std::string, std::string>{{"/p/run.sh", std::string(size, 'a')}});
        Sources sources;
        return find_template_fillers({{"/p"}, {}, {}}, files, sources).is_whole;
    };
    CHECK(is_whole(1024 * 1024));
    CHECK_FALSE(is_whole(1024 * 1024 + 1));
}

}  // namespace gatelint
