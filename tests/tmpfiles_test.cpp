#include "surroundings/host/tmpfiles.hpp"

#include <doctest/doctest.h>

#include <string>

namespace gatelint {

namespace {

std::string folders(std::string_view text) {
    std::string list;
    for (const Value& folder : parse_tmpfiles(text, SourceId::none)) {
        if (!list.empty()) list += ' ';
        list += folder.text;
    }
    return list;
}

}  // namespace

TEST_CASE("the folders of tmpfiles.d are those that lines of the right type make") {
    CHECK(folders("# comment\n"
                  "d /run/shop 0755 shop shop -\n"
                  "D! /run/jobs\n"
                  "  v\t/run/machines 0755\r\n"
                  "f /run/motd 0644 root root - hello\n"
                  "L /run/link - - - - /srv\n"
                  "r! /run/old\n"
                  "d\n") == "/run/shop /run/jobs /run/machines");
    CHECK(folders("d \"/run/shop\"\n") == "/run/shop");
    CHECK(folders("").empty());
}

TEST_CASE("of the specifiers of tmpfiles.d only that for /run is known") {
    CHECK(folders("d %t/shop\n") == "/run/shop");
    CHECK(folders("d /run/100%%\n") == "/run/100%");
    CHECK(folders("d /run/%b\n") == std::string("/run/") + '\x1F');
    CHECK(folders("d /run/odd%\n") == "/run/odd%");
}

TEST_CASE("files for systemd-tmpfiles are told by their names and folders") {
    CHECK(is_tmpfiles_name("/etc/tmpfiles.d/shop.conf"));
    CHECK(is_tmpfiles_name("/srv/debian/shop.tmpfiles"));
    CHECK(is_tmpfiles_name("/srv/deploy/shop-tmpfiles.conf"));
    CHECK_FALSE(is_tmpfiles_name("/etc/tmpfiles.d/README"));
    CHECK_FALSE(is_tmpfiles_name("/etc/nginx/conf.d/shop.conf"));
}

}  // namespace gatelint
