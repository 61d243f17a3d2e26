#include "surroundings/programs/tomcat.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "surroundings/formats/xml_file.hpp"

namespace gatelint {

namespace {

struct Tomcat {
    explicit Tomcat(const std::string& text)
        : source(sources.add("server.xml", text)),
          listening(parse_tomcat(source, nullptr, reading)) {}

    /// One connector a line, and `...` where there may be others.
    std::string connectors() const {
        std::string lines;
        for (const Listener& one : listening.listeners) {
            CHECK(one.program == Listener::Program::tomcat);
            lines += fmt::format("{}: {} {}\n", one.name, name_of(one.speaks), to_string(one.at));
        }
        return lines + (listening.is_whole ? "" : "...\n");
    }

    Sources sources;
    Arena arena;
    Reading reading{sources, arena};
    SourceId source;
    Listening listening;
};

Tomcat with(const std::string& connectors) {
    return Tomcat("<?xml version=\"1.0\"?>\n<Server port=\"8005\"><Service name=\"Catalina\">" +
                  connectors + "<Engine/></Service></Server>");
}

}  // namespace

TEST_CASE("Tomcat listens at its connectors") {
    CHECK(with("<Connector port=\"8080\" protocol=\"HTTP/1.1\"/>").connectors() ==
          "Tomcat connector: HTTP [::]:8080\n");
    CHECK(with("<Connector port=\"8081\" address=\"127.0.0.1\"/>").connectors() ==
          "Tomcat connector: HTTP 127.0.0.1:8081\n");
    CHECK(with("<Connector port='8443' SSLEnabled='true' scheme='https'/>").connectors() ==
          "Tomcat connector: HTTPS [::]:8443\n");
    CHECK(with("<Connector port='8080' scheme='https' secure='true'/>").connectors() ==
          "Tomcat connector: HTTP [::]:8080\n");
    CHECK(with("<Connector unixDomainSocketPath='/run/t.sock'/>").connectors() ==
          "Tomcat connector: HTTP unix:/run/t.sock\n");
}

TEST_CASE("connectors that are comments or switched off do not listen") {
    CHECK(with("<!-- <Connector port='8009' protocol='AJP/1.3'/> --><Connector port='-1'/>")
              .connectors() == "");
}

TEST_CASE("an AJP connector speaks nothing that nginx does") {
    CHECK(with("<Connector port='8009' protocol='AJP/1.3'/>").connectors() ==
          "Tomcat AJP connector: TCP [::]:8009\n");
    CHECK(with("<Connector port='8009' address='::1' "
               "protocol='org.apache.coyote.ajp.AjpNioProtocol'/>")
              .connectors() == "Tomcat AJP connector: TCP [::1]:8009\n");
}

TEST_CASE("a connector with a property of Java is unknown") {
    const Tomcat tomcat = with("<Connector port='${http.port}'/>");
    CHECK(tomcat.connectors() == "...\n");
    CHECK(tomcat.reading.remarks().size() == 1);
    CHECK(with("<Connector port='8080' address='${ip}'/>").connectors() == "...\n");
}

TEST_CASE("Tomcat's limits have its defaults") {
    const Tomcat plain = with("<Connector port='8080'/>");
    REQUIRE(plain.listening.listeners.size() == 1);
    const Listener& listener = plain.listening.listeners[0];
    CHECK(listener.idle_timeout->value == 60'000);
    CHECK(listener.header_limit->value == 8192);
    CHECK(listener.children->value == 200);
    const Tomcat written = with(
        "<Connector port='8080' connectionTimeout='20000' maxHttpHeaderSize='65536' "
        "executor='pool' acceptCount='10'/>");
    const Listener& other = written.listening.listeners.at(0);
    CHECK(other.idle_timeout->value == 20'000);
    CHECK(written.sources.text(other.idle_timeout->span) == "20000");
    CHECK(written.sources.text(other.where) == "8080");
    CHECK(written.sources.text(other.section) == "Connector");
    CHECK(other.header_limit->value == 65536);
    CHECK(other.backlog->value == 10);
    CHECK_FALSE(other.children);
    CHECK_FALSE(
        with("<Connector port='1' keepAliveTimeout='-1'/>").listening.listeners.at(0).idle_timeout);
}

TEST_CASE("other XML is no Tomcat, and what is no XML is told") {
    CHECK_FALSE(Tomcat("<project/>").listening.is_known_program);
    const Tomcat broken("<Server><Service>");
    CHECK_FALSE(broken.listening.is_known_program);
    CHECK(broken.reading.remarks().size() == 1);
    CHECK_FALSE(Tomcat("").listening.is_known_program);
}

TEST_CASE("values of XML have their places, entities and all") {
    const std::string text = "<a b=\"x&amp;y\" c='z'>\n  t&lt;u\n<d/></a>";
    const std::optional<XmlElement> root = parse_xml(text, SourceId{0});
    REQUIRE(root);
    const auto at = [&text](Span span) { return text.substr(span.begin, span.end - span.begin); };
    CHECK(root->find("b")->text == "x&y");
    CHECK(at(root->find("b")->span) == "x&amp;y");
    CHECK(at(root->find("c")->span) == "z");
    CHECK(root->text.text == "t<u");
    CHECK(at(root->children.at(0).span) == "d");
    CHECK(root->find("e") == nullptr);
}

TEST_CASE("XML that is nested without end does no harm") {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "<a>";
    CHECK_FALSE(parse_xml(deep, SourceId{0}));
    for (int i = 0; i < 100'000; ++i) deep += "</a>";
    CHECK(parse_xml(deep, SourceId{0}));
}

}  // namespace gatelint
