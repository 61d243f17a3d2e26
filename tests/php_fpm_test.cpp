#include <doctest/doctest.h>

#include <map>
#include <string>

#include "source/unknown.hpp"
#include "surroundings/containers/php_image.hpp"
#include "surroundings/programs/php_fpm.hpp"

namespace gatelint {

namespace {

using Files = std::map<std::string, std::string>;

/// A master as read_php_fpm() reads it, with all that its views point into.
struct Master {
    Sources sources;
    Arena arena;
    PhpFpm read;

    Master(const std::string& main, Files files, bool complete = true) {
        const MemoryReader reader(std::move(files), complete);
        Reading reading(sources, arena);
        IniFiles ini(reader, reading);
        read = read_php_fpm({main}, reader, ini, Accounts::read(reader), arena);
    }

    /// One pool a line: `www at [::]:9000`.
    std::string listeners() const {
        std::string lines;
        for (const Listener& pool : read.pools) {
            lines += pool.name.substr(std::string("php-fpm pool ").size()) + " at " +
                     to_string(pool.at) + '\n';
        }
        return lines;
    }

    const Listener& only() const {
        REQUIRE(read.pools.size() == 1);
        return read.pools.front();
    }

    std::string setting(std::size_t pool, std::string_view key) const {
        const Value* value = read.pool_settings.at(pool).find(key);
        return value == nullptr ? "unset" : value->text;
    }
};

/// A pool in a main file of its own.
Master master_of(const std::string& settings) {
    return Master("/etc/php-fpm.conf",
                  {{"/etc/php-fpm.conf", "[www]\nlisten = /run/a.sock\n" + settings}});
}

/// The kill timeout of `request_terminate_timeout = written`; 0 where there is none.
std::uint64_t kill_timeout(const std::string& written) {
    const Master master = master_of("request_terminate_timeout = " + written + "\n");
    return master.only().kill_timeout.value_or(Limit{}).value;
}

constexpr const char* image_main = "/usr/local/etc/php-fpm.conf";
constexpr const char* image_pools = "/usr/local/etc/php-fpm.d/";

/// The official image with files laid over it, by their name in the folder of pools.
Master image_with(const Files& pools) {
    Files files = php_image_files("php:fpm");
    for (const auto& [name, text] : pools) files[image_pools + name] = text;
    return Master(image_main, std::move(files));
}

}  // namespace

TEST_CASE("a pool kills requests after request_terminate_timeout, in php-fpm's units") {
    CHECK(kill_timeout("30") == 30'000);
    CHECK(kill_timeout("30s") == 30'000);
    CHECK(kill_timeout("\"5m\"") == 300'000);
    CHECK(kill_timeout("2h") == 7'200'000);
    CHECK(kill_timeout("1d") == 86'400'000);
    CHECK(kill_timeout("5 s") == 5'000);
    CHECK(kill_timeout("1m30s") == 1'000);  // atoi(3) takes the 1, and the unit is the last
}

TEST_CASE("a pool that kills nothing has no kill timeout") {
    for (const char* written : {"0", "0s", "-1", "", "off", "abc5", "30sec", "{{ limit }}"}) {
        CAPTURE(written);
        CHECK(kill_timeout(written) == 0);
    }
    CHECK(!master_of("").only().kill_timeout);
}

TEST_CASE("a pool's children and backlog are known with their places") {
    const Master master = master_of("pm.max_children = 7\nlisten.backlog = 64\n");
    REQUIRE(master.only().children);
    CHECK(master.only().children->value == 7);
    CHECK(master.sources.text(master.only().children->span) == "7");
    REQUIRE(master.only().backlog);
    CHECK(master.only().backlog->value == 64);
    CHECK(master.sources.text(master.only().backlog->span) == "64");
}

TEST_CASE("the backlog is 511 by default, and -1 is as much as the kernel allows") {
    CHECK(master_of("").only().backlog->value == 511);
    CHECK(!master_of("").only().backlog->span.known());
    CHECK(master_of("listen.backlog = -1\n").only().backlog->value == 0xffffffff);
    CHECK(!master_of("listen.backlog = ${BACKLOG}\n").only().backlog);
    CHECK(!master_of("listen.backlog = many\n").only().backlog);
}

TEST_CASE("children that are no number are unknown") {
    for (const char* written : {"0", "-1", "{{ n }}", "ten", "10k", ""}) {
        CAPTURE(written);
        CHECK(!master_of(std::string("pm.max_children = ") + written + "\n").only().children);
    }
}

TEST_CASE("a list of clients counts for a port, and not for a unix socket") {
    const auto clients = [](const std::string& listen, const std::string& list) {
        const Master master(
            "/etc/php-fpm.conf",
            {{"/etc/php-fpm.conf",
              "[www]\nlisten = " + listen + "\nlisten.allowed_clients = " + list + "\n"}});
        const auto& value = master.only().allowed_clients;
        return value ? value->text : std::string("all");
    };
    CHECK(clients("9000", "127.0.0.1,::1") == "127.0.0.1,::1");
    CHECK(clients("/run/a.sock", "127.0.0.1") == "all");
    CHECK(clients("9000", "") == "all");
    CHECK(is_unknown(clients("9000", "${CLIENTS}")));
}

TEST_CASE("settings of a pool are those that count, with $pool filled in") {
    const Master master("/etc/php-fpm.conf",
                        {{"/etc/php-fpm.conf",
                          "[www]\nPM = dynamic\npm.max_children = 5\nuser = none\n"
                          "slowlog = /var/log/$pool.log\npm.start_servers = ${START}\n"
                          "include = /etc/more.conf\n"},
                         {"/etc/more.conf", "pm.max_children = 9\n[api]\nlisten = 9001\n"}});
    REQUIRE(master.read.pool_settings.size() == 2);
    CHECK(master.setting(0, "pm") == "dynamic");
    CHECK(master.setting(0, "pm.max_children") == "9");
    CHECK(master.setting(0, "user").empty());
    CHECK(master.setting(0, "listen") == "unset");
    CHECK(master.setting(0, "slowlog") == "/var/log/www.log");
    CHECK(is_unknown(master.setting(0, "pm.start_servers")));
    CHECK(master.setting(1, "listen") == "9001");
    CHECK(master.sources.text(master.read.pool_settings[1].heading) == "[api]");
    CHECK(master.read.pool_settings[0].master == master.read.pool_settings[1].master);
}

TEST_CASE("pools are whole where the whole host is in sight and nothing else can add to them") {
    const std::string pool = "[www]\nlisten = 9000\n";
    const auto is_whole = [](const std::string& main, const Files& files, bool complete) {
        return Master(main, files, complete).read.pool_settings.at(0).is_whole;
    };
    CHECK(is_whole("/etc/php-fpm.conf", {{"/etc/php-fpm.conf", pool}}, true));
    CHECK(!is_whole("/etc/php-fpm.conf", {{"/etc/php-fpm.conf", pool}}, false));
    CHECK(!is_whole("/srv/app/pool.conf", {{"/srv/app/pool.conf", pool}}, true));
    CHECK(is_whole("/srv/app/fpm.conf",
                   {{"/srv/app/fpm.conf", "include = /srv/app/p/*\n"}, {"/srv/app/p/www", pool}},
                   true));
}

TEST_CASE("the official image listens on port 9000 of every address") {
    const Master master(image_main, php_image_files("php:fpm"));
    CHECK(master.listeners() == "www at [::]:9000\n");
    CHECK(master.only().user == "www-data");
    CHECK(master.only().children->value == 5);
    CHECK(master.read.files.size() == 4);
}

TEST_CASE("a mounted www.conf does not change where the official image listens") {
    const Master master = image_with({{"www.conf",
                                       "[www]\nuser = app\nlisten = 127.0.0.1:9000\npm = static\n"
                                       "pm.max_children = 20\n"}});
    CHECK(master.listeners() == "www at [::]:9000\n");
    CHECK(master.only().user == "app");
    CHECK(master.only().children->value == 20);
}

TEST_CASE("a replaced zz-docker.conf, or a file that comes after it, decides") {
    CHECK(image_with({{"zz-docker.conf", "[www]\nlisten = /run/php/app.sock\n"}}).listeners() ==
          "www at unix:/run/php/app.sock\n");
    CHECK(image_with({{"zz-docker.conf", "[global]\ndaemonize = no\n"}}).listeners() ==
          "www at 127.0.0.1:9000\n");
    CHECK(image_with({{"zzz.conf", "[www]\nlisten = 9001\n"}}).listeners() == "www at [::]:9001\n");
    CHECK(image_with({{"zz-app.conf", "[www]\nlisten = 9001\n"}}).listeners() ==
          "www at [::]:9000\n");
}

TEST_CASE("a pool of another name stands beside the official image's own") {
    const Master master = image_with({{"app.conf", "[app]\nuser = app\nlisten = 9000\n"}});
    CHECK(master.listeners() == "app at [::]:9000\nwww at [::]:9000\n");
    CHECK(master.setting(0, "listen") == "9000");
    CHECK(master.setting(1, "listen") == "9000");
}

TEST_CASE("a main file of one's own decides which of the image's files are read") {
    Files files = php_image_files("php:fpm");
    files[image_main] = "[global]\ninclude = /usr/local/etc/pools/*.conf\n";
    files["/usr/local/etc/pools/app.conf"] = "[app]\nlisten = 127.0.0.1:9000\n";
    CHECK(Master(image_main, files).listeners() == "app at 127.0.0.1:9000\n");

    files[image_main] = "[app]\nlisten = /run/app.sock\n";
    CHECK(Master(image_main, files).listeners() == "app at unix:/run/app.sock\n");
}

TEST_CASE("images of php-fpm are known by repository and tag") {
    for (const char* image :
         {"php:fpm", "php:8.3-fpm", "php:8.2.1-fpm-alpine3.19", "docker.io/library/php:8.3-fpm",
          "docker.io/php:fpm-alpine", "library/php:8-fpm-bookworm",
          "public.ecr.aws/docker/library/php:8.3-fpm", "php:8.3-fpm@sha256:0123"}) {
        CAPTURE(image);
        CHECK(php_image_files(image) == php_image_files("php:fpm"));
    }
    for (const char* image : {"php", "php:8.3", "php:8.3-apache", "php:8.3-cli", "", "php:fpmx",
                              "myphp:fpm", "registry:5000/php-fpm", "example.com/php:fpm"}) {
        CAPTURE(image);
        CHECK(php_image_files(image).empty());
    }
}

TEST_CASE("other vendors' images listen where they do") {
    CHECK(Master("/opt/bitnami/php/etc/php-fpm.conf", php_image_files("bitnami/php-fpm:8.2"))
              .listeners() == "www at [::]:9000\n");
}

}  // namespace gatelint
