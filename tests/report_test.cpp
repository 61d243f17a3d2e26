#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "report/line_hash.hpp"
#include "report/results.hpp"
#include "report_text.hpp"
#include "rule.hpp"

namespace gatelint {

namespace {

using nlohmann::json;
using namespace std::string_literals;

/// Files, and findings in them, as a run of gatelint in /work leaves them.
struct Run {
    Sources sources;
    std::vector<Finding> findings;
    std::string directory = "/site";

    Results results() const { return {sources, findings, 3, sources.size(), directory}; }
    json as_json() const { return json::parse(text_of(report_json, results())); }
    json as_sarif() const { return json::parse(text_of(report_sarif, results()))["runs"][0]; }
    json sarif_result() const { return as_sarif()["results"][0]; }

    /// The first occurrence of `words`.
    Span span(SourceId source, std::string_view words) const {
        const std::size_t at = sources.text(source).find(words);
        REQUIRE(at != std::string_view::npos);
        return {source, static_cast<std::uint32_t>(at),
                static_cast<std::uint32_t>(at + words.size())};
    }

    Finding& add(Span span, std::string message = "nothing listens here") {
        Finding finding;
        finding.rule = rule().id;
        finding.severity = rule().severity;
        finding.message = std::move(message);
        finding.span = span;
        findings.push_back(std::move(finding));
        return findings.back();
    }

    static const Rule& rule() { return *all_rules().front(); }

    static Note note(std::string message, Span span = {}) {
        Note note;
        note.message = std::move(message);
        note.span = span;
        return note;
    }
};

/// A finding at `words` in /site/nginx.conf.
Run run_at(std::string text, std::string_view words) {
    Run run;
    const SourceId source = run.sources.add("/site/nginx.conf", std::move(text));
    run.add(run.span(source, words));
    return run;
}

/// line:column-endLine:endColumn
std::string place(const json& of) {
    return of["line"].dump() + ':' + of["column"].dump() + '-' + of["endLine"].dump() + ':' +
           of["endColumn"].dump();
}

std::string region(const json& of) {
    return of["startLine"].dump() + ':' + of["startColumn"].dump() + '-' + of["endLine"].dump() +
           ':' + of["endColumn"].dump();
}

const json& primary(const json& result) {
    return result["locations"][0]["physicalLocation"];
}

/// A hash for each line, separated by spaces.
std::string hashes_of(std::string_view text) {
    std::string all;
    // A CR ends a line as well, where no LF follows.
    const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
    std::vector<std::uint32_t> numbers(static_cast<std::size_t>(lines));
    std::iota(numbers.begin(), numbers.end(), 1);
    for (const LineHash& line : line_hashes(text, numbers))
        all += (all.empty() ? "" : " ") + to_string(line);
    return all;
}

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

TEST_CASE("a line's hash is the one that GitHub computes") {
    CHECK(hashes_of("") == "c129715d7a2bc9a3:1");
    CHECK(hashes_of(" a\nb\n  \t\tc\n d") ==
          "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1");
    CHECK(hashes_of(repeated("Lorem ipsum dolor sit amet.\n", 10)) ==
          "a7f2ff13bc495cf2:1 a7f2ff13bc495cf2:2 a7f2ff13bc495cf2:3 a7f2ff13bc495cf2:4 "
          "a7f2ff13bc495cf2:5 a7f2ff13bc495cf2:6 a7f2ff1481e87703:1 a9cf91f7bbf1862b:1 "
          "55ec222b86bcae53:1 cc97dc7b1d7d8f7b:1 c129715d7a2bc9a3:1");
}

TEST_CASE("a line's hash counts CRLF as one line end") {
    CHECK(hashes_of("events {}\r\nhttp {\r\n\tserver_tokens on;\r\n}\r\n")
              .starts_with("3da346ec63d1480a:1 aefc3c066fe8b2b3:1 bcfca8411febe87a:1 "
                           "32dce9ccfdbc9d3e:1"));
}

TEST_CASE("a line's hash is that of UTF-16 units, whatever the bytes are") {
    CHECK(hashes_of("# caf\xe9 \xff\xfe\nhttp {}\n")
              .starts_with("d99e201e7da5596b:1 77252c84c99f8435:1"));
    CHECK(hashes_of(repeated("add_header X \"\xf0\x9f\x98\x80\xc3\xa9\";\n", 3))
              .starts_with("a90b733aab0d851b:1 b4eb51a7a2f173b3:1 d788ef65458b188b:1"));
    CHECK(hashes_of("\xef\xbb\xbf"
                    "events {}\nhttp {}\n")
              .starts_with("ce967389de9fd8f7:1 77252c84c99f8435:1"));
}

TEST_CASE("a path is shown relative to the working directory where it lies below it") {
    Run run;
    CHECK(shown_path(run.results(), "/site/conf.d/site.conf") == "conf.d/site.conf");
    CHECK(shown_path(run.results(), "./conf.d/../nginx.conf") == "nginx.conf");
    CHECK(shown_path(run.results(), "/sitesmith/nginx.conf") == "/sitesmith/nginx.conf");
    CHECK(shown_path(run.results(), "../nginx.conf") == "/nginx.conf");
    run.directory = "/";
    CHECK(shown_path(run.results(), "/etc/nginx/nginx.conf") == "etc/nginx/nginx.conf");
    run.directory = "";
    CHECK(shown_path(run.results(), "/etc/nginx/nginx.conf") == "/etc/nginx/nginx.conf");
}

TEST_CASE("JSON says what was left out, where anything was") {
    Run run = run_at("events {}\n", "events");
    CHECK_FALSE(run.as_json().contains("limits"));
    const std::vector<std::string> limits = {"a \"b\" holds too much"};
    Results results = run.results();
    results.limits = limits;
    CHECK(json::parse(text_of(report_json, results))["limits"] == json(limits));
}

TEST_CASE("JSON says what was found, where, and in how many files") {
    Run run = run_at("events {}\nhttp { proxy_pass http://app; }\n", "http://app");
    run.findings.front().severity = Severity::warning;
    const json report = run.as_json();
    CHECK(report["schema"] == "gatelint/1");
    CHECK(report["tool"] == json{{"name", "gatelint"}, {"version", GATELINT_VERSION}});
    CHECK(report["summary"] ==
          json{{"errors", 0}, {"warnings", 1}, {"notes", 0}, {"suppressed", 3}, {"files", 1}});
    const json finding = report["findings"][0];
    CHECK(finding["rule"] == std::string(Run::rule().id));
    CHECK(finding["severity"] == "warning");
    CHECK(finding["message"] == "nothing listens here");
    CHECK(finding["file"] == "nginx.conf");
    CHECK(place(finding) == "2:19-2:29");
    CHECK(finding["byteOffset"] == 28);
    CHECK(finding["byteLength"] == 10);
    CHECK(finding["related"] == json::array());
    CHECK(finding["notes"] == json::array());
    CHECK(finding["fixes"] == json::array());
    CHECK(finding["fingerprint"].get<std::string>().size() == 16);
}

TEST_CASE("JSON is the same text each time, in the documented order") {
    const Run run = run_at("events {}\n", "events");
    const std::string text = text_of(report_json, run.results());
    CHECK(text == text_of(report_json, run.results()));
    CHECK(text.starts_with("{\n  \"schema\": \"gatelint/1\",\n  \"tool\": {\n    \"name\""));
    CHECK(text.ends_with("}\n"));
    CHECK(text.find("\"line\"") < text.find("\"column\""));
    CHECK(text.find("\"fingerprint\"") < text.find("\"summary\""));
}

TEST_CASE("columns count code points in JSON and UTF-16 units in SARIF") {
    // Before it: two code points of two and four bytes, of one and two UTF-16 units.
    const Run run = run_at("\xc3\xa9\xf0\x9f\x98\x80 here\n", "here");
    CHECK(place(run.as_json()["findings"][0]) == "1:4-1:8");
    CHECK(region(primary(run.sarif_result())["region"]) == "1:5-1:9");
}

TEST_CASE("bytes that are not UTF-8 count as one character each and never stop a report") {
    Run run = run_at("\xe9\xff here\n", "here");
    run.findings.front().message = "nothing listens on caf\xe9";
    const json finding = run.as_json()["findings"][0];
    CHECK(place(finding) == "1:4-1:8");
    CHECK(finding["message"] == "nothing listens on caf\xef\xbf\xbd");
    CHECK(region(primary(run.sarif_result())["region"]) == "1:4-1:8");
}

TEST_CASE("notes with a place are related, those without one are remarks") {
    Run run = run_at("listen 80;\nproxy_pass http://app;\n", "http://app");
    const Span listen = run.span(run.findings.front().span.source, "listen 80");
    run.findings.front().notes = {Run::note("nginx listens here", listen),
                                  Run::note("port 80 is the default")};

    const json finding = run.as_json()["findings"][0];
    REQUIRE(finding["related"].size() == 1);
    CHECK(finding["related"][0]["file"] == "nginx.conf");
    CHECK(finding["related"][0]["message"] == "nginx listens here");
    CHECK(place(finding["related"][0]) == "1:1-1:10");
    CHECK(finding["notes"] == json{"port 80 is the default"});

    const json result = run.sarif_result();
    CHECK(result["message"]["text"] ==
          "nothing listens here. [nginx listens here](1). port 80 is the default.");
    REQUIRE(result["relatedLocations"].size() == 1);
    CHECK(result["relatedLocations"][0]["id"] == 1);
    CHECK(result["relatedLocations"][0]["message"]["text"] == "nginx listens here.");
    CHECK(region(result["relatedLocations"][0]["physicalLocation"]["region"]) == "1:1-1:10");
}

TEST_CASE("brackets and backslashes of the configuration make no links in SARIF") {
    Run run = run_at("location ~ [a](1)\\.php$ {}\n", "location");
    run.findings.front().message = R"("~ [a](1)\.php$" never matches)";
    run.findings.front().notes = {Run::note("[::1] is meant", run.findings.front().span)};
    CHECK(run.sarif_result()["message"]["text"] ==
          R"("~ \[a\](1)\\.php$" never matches. [\[::1\] is meant](1).)");
}

TEST_CASE("a fix is given as edits in every file that it touches") {
    Run run = run_at("listen 80;\nlisten 81;\n", "80");
    const SourceId main = run.findings.front().span.source;
    const SourceId pool = run.sources.add("/site/pool.conf", "listen = 9000\n");
    Fix fix;
    fix.title = "listen on 8080";
    fix.applicability = Applicability::safe;
    fix.edits = {{run.span(main, "80"), "8080"},
                 {run.span(pool, "9000"), "8080"},
                 {{main, 10, 10}, "\nlisten [::]:8080;"}};
    run.findings.front().fixes = {fix};

    const json plain = run.as_json()["findings"][0]["fixes"][0];
    CHECK(plain["title"] == "listen on 8080");
    CHECK(plain["applicability"] == "safe");
    REQUIRE(plain["edits"].size() == 3);
    CHECK(plain["edits"][0] ==
          json{{"file", "nginx.conf"}, {"byteOffset", 7}, {"byteLength", 2}, {"text", "8080"}});
    CHECK(plain["edits"][1]["file"] == "pool.conf");
    CHECK(plain["edits"][2]["byteLength"] == 0);

    const json sarif = run.sarif_result()["fixes"][0];
    CHECK(sarif["description"]["text"] == "listen on 8080.");
    CHECK(sarif["properties"]["applicability"] == "safe");
    REQUIRE(sarif["artifactChanges"].size() == 2);
    const json first = sarif["artifactChanges"][0];
    CHECK(first["artifactLocation"]["uri"] == "nginx.conf");
    REQUIRE(first["replacements"].size() == 2);
    CHECK(region(first["replacements"][0]["deletedRegion"]) == "1:8-1:10");
    CHECK(first["replacements"][0]["insertedContent"]["text"] == "8080");
    CHECK(region(first["replacements"][1]["deletedRegion"]) == "1:11-1:11");
    CHECK(sarif["artifactChanges"][1]["artifactLocation"]["uri"] == "pool.conf");
}

TEST_CASE("a fix that JSON would change on its way is left out") {
    Run run = run_at("root /srv;\n", "/srv");
    Fix fix;
    fix.title = "name the folder";
    fix.edits = {{run.findings.front().span, "/srv/caf\xe9"}};
    run.findings.front().fixes = {fix};
    CHECK(run.as_json()["findings"][0]["fixes"].empty());
    CHECK_FALSE(run.sarif_result().contains("fixes"));
}

TEST_CASE("SARIF lists every rule with all that code scanning shows of it") {
    const json run = run_at("events {}\n", "events").as_sarif();
    const json driver = run["tool"]["driver"];
    CHECK(driver["name"] == "gatelint");
    CHECK(driver["semanticVersion"] == GATELINT_VERSION);
    CHECK(run["columnKind"] == "utf16CodeUnits");
    CHECK(run["automationDetails"]["id"] == "gatelint/");
    REQUIRE(driver["rules"].size() == all_rules().size());
    for (std::size_t i = 0; i < all_rules().size(); ++i) {
        const json rule = driver["rules"][i];
        const std::string id = rule["id"];
        CAPTURE(id);
        CHECK(id == all_rules()[i]->id);
        const std::string name = rule["name"];
        CHECK((name.front() >= 'A' && name.front() <= 'Z'));
        CHECK(name.find('-') == std::string::npos);
        for (const std::string key : {"shortDescription", "fullDescription"}) {
            const std::string text = rule[key]["text"];
            CHECK_FALSE(text.empty());
            CHECK(text.size() <= 1024);
            CHECK(text.find('\n') == std::string::npos);
        }
        CHECK(rule["help"]["text"].get<std::string>().find('`') == std::string::npos);
        CHECK(rule["help"]["markdown"].get<std::string>().starts_with("# " + id));
        CHECK(rule["defaultConfiguration"]["level"] == name_of(all_rules()[i]->severity));
        CHECK(rule["properties"]["tags"].size() == 2);
        CHECK(rule["properties"].contains("precision"));
        CHECK(rule["properties"].contains("problem.severity"));
    }
}

TEST_CASE("a SARIF result has a level only when it is not its rule's") {
    Run run = run_at("events {}\n", "events");
    const Severity own = Run::rule().severity;
    CHECK_FALSE(run.sarif_result().contains("level"));
    CHECK(run.sarif_result()["ruleIndex"] == 0);
    run.findings.front().severity = own == Severity::note ? Severity::error : Severity::note;
    CHECK(run.sarif_result()["level"] == name_of(run.findings.front().severity));
}

TEST_CASE("a SARIF result carries GitHub's hash of its first line and gatelint's own") {
    const Run run = run_at(" a\nb\n  \t\tc\n d", "c");
    const json result = run.sarif_result();
    CHECK(result["partialFingerprints"]["primaryLocationLineHash"] == "180aee12dab6264:1");
    CHECK(result["partialFingerprints"]["gatelint/v1"] ==
          to_string(fingerprints(run.results())[0]));
}

TEST_CASE("SARIF names files by clean relative references") {
    const auto location = [](std::string path) {
        Run run;
        const SourceId source = run.sources.add(std::move(path), "events {}\n");
        run.add(run.span(source, "events"));
        return primary(run.sarif_result())["artifactLocation"];
    };
    CHECK(location("/site/conf.d/site.conf") ==
          json{{"uri", "conf.d/site.conf"}, {"uriBaseId", "SRCROOT"}});
    CHECK(location("/site/my sites/100%#1.conf")["uri"] == "my%20sites/100%25%231.conf");
    CHECK(location("/site/sites/a:80.conf")["uri"] == "sites/a:80.conf");
    CHECK(location("/site/a:80.conf")["uri"] == "a%3A80.conf");
    CHECK(location("/site/caf\xc3\xa9.conf")["uri"] == "caf%C3%A9.conf");
    CHECK(location("/site/caf\xe9.conf")["uri"] == "caf%EF%BF%BD.conf");
}

TEST_CASE("SARIF names a file outside the working directory by its place below the root") {
    Run run = run_at("events {}\n", "events");
    CHECK_FALSE(run.as_sarif()["originalUriBaseIds"].contains("ROOT"));
    const SourceId outside = run.sources.add("/etc/nginx/nginx.conf", "events {}\n");
    run.findings.front().span = run.span(outside, "events");
    CHECK(primary(run.sarif_result())["artifactLocation"] ==
          json{{"uri", "etc/nginx/nginx.conf"}, {"uriBaseId", "ROOT"}});
    CHECK(run.as_sarif()["originalUriBaseIds"]["ROOT"]["uri"] == "file:///");
}

TEST_CASE("beyond what GitHub stores, SARIF puts the most severe results first") {
    Run run;
    const SourceId source = run.sources.add("/site/nginx.conf", repeated("listen 80;\n", 5001));
    for (std::uint32_t i = 0; i < 5001; ++i) {
        run.add({source, i * 11, i * 11 + 6}).severity = Severity::warning;
    }
    run.findings.back().severity = Severity::error;
    const json results = run.as_sarif()["results"];
    REQUIRE(results.size() == 5001);
    CHECK(primary(results[0])["region"]["startLine"] == 5001);
    CHECK(primary(results[1])["region"]["startLine"] == 1);
    run.findings.erase(run.findings.begin());
    CHECK(primary(run.sarif_result())["region"]["startLine"] == 2);
}

TEST_CASE("a finding in an endless line is shown with what is near") {
    const std::string far = repeated("\t\xc3\xa9; ", 5000);
    Run run = run_at(far + "listen 80; " + far, "80");
    Fix fix;
    fix.title = "listen on 8080";
    fix.edits = {{run.findings.front().span, "8080"}};
    run.findings.front().fixes = {fix};
    CHECK(place(run.as_json()["findings"][0]) == "1:20008-1:20010");
    const std::string text = text_of(report_full, run.results());
    CHECK(text.find("--> nginx.conf:1:20008\n") != std::string::npos);
    CHECK(text.find("\xc3\xa9; listen 80;     \xc3\xa9; ") != std::string::npos);
    CHECK(text.size() < 1500);
}

TEST_CASE("equal lines are told apart by their number, also if two findings lie in one") {
    Run run;
    const SourceId source = run.sources.add("/site/nginx.conf", repeated("listen 80;\n", 100));
    for (const std::uint32_t begin : {0U, 7U, 11U, 33U}) run.add({source, begin, begin + 3});
    std::string hashes;
    const json results = run.as_sarif()["results"];
    for (const json& result : results) {
        const std::string hash = result["partialFingerprints"]["primaryLocationLineHash"];
        hashes += hash.substr(hash.find(':'));
    }
    CHECK(hashes == ":1:1:2:4");
}

TEST_CASE("fingerprints are unique, also among equal lines") {
    Run run;
    const SourceId source = run.sources.add("/site/nginx.conf", repeated("listen 80;\n", 3));
    for (const std::uint32_t begin : {0U, 11U, 22U}) run.add({source, begin, begin + 6});
    run.add({source, 29, 31});
    std::set<Fingerprint> seen;
    for (std::size_t i = 0; i < run.findings.size(); ++i)
        seen.insert(fingerprints(run.results())[i]);
    CHECK(seen.size() == run.findings.size());
}

TEST_CASE("a fingerprint stays when other lines or white space change") {
    const auto of = [](std::string text) {
        return fingerprints(run_at(std::move(text), "http://app").results())[0];
    };
    const Fingerprint before = of("events {}\nhttp {\n    proxy_pass http://app;\n}\n");
    CHECK(of("# new\nevents {}\n\nhttp {\n    proxy_pass http://app;\n") == before);
    CHECK(of("events {}\r\nhttp {\r\n\tproxy_pass   http://app;\r\n}\r\n") == before);
    CHECK(of("events {}\nhttp {\n    proxy_pass http://app/;\n}\n") != before);
}

TEST_CASE("in an endless line, a fingerprint depends on what is near only") {
    const auto of = [](const std::string& far) {
        const std::string text = far + repeated("listen 80; ", 200) + "http://app; " +
                                 repeated("listen 81; ", 200) + far;
        return fingerprints(run_at(text, "http://app").results())[0];
    };
    CHECK(of("events {}") == of("http {}"));
}

TEST_CASE("a fingerprint tells rules and files apart") {
    Run run = run_at("events {}\n", "events");
    const Fingerprint before = fingerprints(run.results())[0];
    run.findings.front().rule = "another-rule";
    CHECK(fingerprints(run.results())[0] != before);
    run.findings.front().rule = Run::rule().id;
    CHECK(fingerprints(run.results())[0] == before);
    run.findings.front().span.source = run.sources.add("/site/other.conf", "events {}\n");
    CHECK(fingerprints(run.results())[0] != before);
}

TEST_CASE("a finding at the end of an empty file has a place") {
    Run run;
    run.add({run.sources.add("/site/nginx.conf", ""), 0, 0});
    CHECK(place(run.as_json()["findings"][0]) == "1:1-1:1");
    CHECK(region(primary(run.sarif_result())["region"]) == "1:1-1:1");
    CHECK(run.sarif_result()["partialFingerprints"]["primaryLocationLineHash"] ==
          "c129715d7a2bc9a3:1");
}

}  // namespace gatelint
