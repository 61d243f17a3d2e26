#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "input/inputs.hpp"
#include "lint.hpp"
#include "report/results.hpp"
#include "report_text.hpp"

// The gateways are what the README shows: whole, realistic trees.

namespace gatelint {

namespace {

std::string check_gateway(const std::string& name) {
    const std::string folder = std::string(GATELINT_SOURCE_DIR) + "/fixtures/gateways/" + name;
    Sources sources;
    Inputs inputs({}, sources);
    inputs.add(folder + "/nginx.conf");
    REQUIRE(inputs.targets().size() == 1);
    const LintResult result = lint(inputs.targets().front(), sources);
    return text_of(report_concise, {sources, result.findings, 0, sources.size(), folder});
}

std::set<std::string> rules_in(const std::string& report) {
    std::set<std::string> rules;
    for (std::size_t at = report.find(" ["); at != std::string::npos; at = report.find(" [", at)) {
        const std::size_t end = report.find("]\n", at);
        rules.insert(report.substr(at + 2, end - at - 2));
        at = end;
    }
    return rules;
}

}  // namespace

TEST_CASE("the shop's faults are found, each once") {
    const std::set<std::string> faults = {
        "fpm-listen-owner-unset", "header-buffer-too-small-for-auth",
        "keepalive-ineffective",  "proxy-pass-slash-mismatch",
        "resolver-missing",       "socket-path-mismatch",
        "upstream-sni-missing"};
    const std::string report = check_gateway("shop");
    CHECK_MESSAGE(rules_in(report) == faults, report);
    CHECK(std::count(report.begin(), report.end(), '\n') == static_cast<long>(faults.size()));
}

TEST_CASE("the mended shop is silent") {
    CHECK(check_gateway("shop-fixed").empty());
}

}  // namespace gatelint
