#include <doctest/doctest.h>

#include <map>
#include <string>
#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/analyze.hpp>
#include <vector>

#include "ini.hpp"
#include "surroundings/formats/ini_file.hpp"
#include "surroundings/surroundings.hpp"

namespace gatelint {

namespace {

/// One setting a line: `[section] key = value`, and `(computed)` where only run time knows it.
std::string settings_of(std::string_view text) {
    Arena arena;
    std::string lines;
    for (const IniSetting& setting : parse_ini(text, SourceId{0}, arena).settings) {
        lines += '[' + std::string(setting.section) + "] " + std::string(setting.key) + " = " +
                 std::string(setting.value) + (setting.computed ? " (computed)" : "") + '\n';
    }
    return lines;
}

/// The value that php-fpm gives a key, from `key = ...`.
std::string value_of(const std::string& written) {
    Arena arena;
    const std::string text = "[www]\nkey = " + written + "\n";
    const IniFile file = parse_ini(text, SourceId{0}, arena);
    REQUIRE(file.settings.size() == 1);
    return file.settings[0].computed ? "?" : std::string(file.settings[0].value);
}

using Files = std::map<std::string, std::string>;

struct Found {
    Sources sources;
    Surroundings surroundings;

    explicit Found(Files files, const Search& search = {}, bool complete = true) {
        const MemoryReader reader(std::move(files), complete);
        surroundings = discover(search, reader, sources);
    }

    /// One listener a line: `pool www at 127.0.0.1:9000`.
    std::string listeners() const {
        std::string lines;
        for (const Listener& one : surroundings.listeners()) {
            CHECK(one.program == Listener::Program::php_fpm);
            CHECK(one.speaks == Protocol::fastcgi);
            REQUIRE(one.name.starts_with("php-fpm "));
            lines += one.name.substr(8) + " at " + to_string(one.at) + '\n';
        }
        return lines;
    }

    const Listener& only() const {
        REQUIRE(surroundings.listeners().size() == 1);
        return surroundings.listeners().front();
    }
};

constexpr const char* www_conf = "/etc/php/8.2/fpm/pool.d/www.conf";

/// The pool `www` of Debian, with more settings.
Found found_pool(const std::string& settings) {
    return Found({{www_conf, "[www]\n" + settings}});
}

/// Where a pool that listens on this answers; "" where that cannot be told.
std::string address_of(const std::string& listen) {
    const Found found = found_pool("listen = " + listen + "\n");
    if (found.surroundings.listeners().empty()) return {};
    return to_string(found.only().at);
}

/// `owner:group mode` of the socket, with `acl`, or `unknown`.
std::string access_of(const std::string& settings, Files accounts = {}) {
    accounts[www_conf] = "[www]\nlisten = /run/a.sock\n" + settings;
    const Found found(std::move(accounts));
    const std::optional<SocketAccess>& access = found.only().access;
    if (!access) return "unknown";
    std::string mode;
    for (std::uint32_t bits = access->mode, digit = 0; digit < 3; ++digit, bits /= 8) {
        mode.insert(mode.begin(), static_cast<char>('0' + bits % 8));
    }
    return std::string(access->owner) + ':' + std::string(access->group) + ' ' + mode +
           (access->has_acl ? " acl" : "");
}

const Files debian_accounts = {
    {"/etc/passwd",
     "root:x:0:0:root:/root:/bin/bash\n"
     "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
     "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
     "nginx:x:101:101::/nonexistent:/bin/false"},
    {"/etc/group",
     "root:x:0:\n"
     "nogroup:x:65534:\n"
     "www-data:x:33:nginx,deploy\n"
     "nginx:x:101:\n"},
};

Accounts accounts_of(Files files) {
    return Accounts::read(MemoryReader(std::move(files)));
}

}  // namespace

TEST_CASE("no rule of the INI grammar can loop without consuming") {
    CHECK(tao::pegtl::analyze<grammar::ini::file>() == 0);
}

TEST_CASE("settings belong to the section above them") {
    CHECK(settings_of("log_level = notice\n[www]\nlisten = 9000\n[api]\nuser=api\npm.x\t=\t1\n") ==
          "[] log_level = notice\n"
          "[www] listen = 9000\n"
          "[api] user = api\n"
          "[api] pm.x = 1\n");
}

TEST_CASE("a semicolon begins a comment, a number sign does not") {
    CHECK(settings_of("; a = 1\n  \t;b = 2\nc = 3 ; d = 4\ne = 5;f\n") == "[] c = 3\n[] e = 5\n");
    CHECK(settings_of("a = 1 # 2\n") == "[] a = 1 # 2\n");
}

TEST_CASE("lines end at LF, CR LF and CR, and a last line needs no end") {
    const std::string expected = "[www] a = 1\n[www] b = 2\n";
    CHECK(settings_of("[www]\na = 1\n\nb = 2") == expected);
    CHECK(settings_of("[www]\r\na = 1\r\n\r\nb = 2") == expected);
    CHECK(settings_of("[www]\ra = 1\r\rb = 2") == expected);
}

TEST_CASE("a byte order mark is no part of the first line") {
    CHECK(settings_of("\xef\xbb\xbf[www]\na = 1\n") == "[www] a = 1\n");
}

TEST_CASE("a heading may be quoted, be followed by a setting, and stand anywhere on its line") {
    CHECK(settings_of("['www'] a = 1\n  [\"api\"] ; c\nb = 2\n[ c ]\nd = 3") ==
          "[www] a = 1\n[api] b = 2\n[ c ] d = 3\n");
}

TEST_CASE("keys keep their subscript and lose the blanks after them") {
    CHECK(settings_of("env[PATH] = /bin\nphp_value[a] =b\na b  = c\n") ==
          "[] env[PATH] = /bin\n[] php_value[a] = b\n[] a b = c\n");
}

TEST_CASE("values are put together as PHP does") {
    CHECK(value_of("\"/run/a;b.sock\" ; c") == "/run/a;b.sock");
    CHECK(value_of("'/run/a b.sock'  ") == "/run/a b.sock");
    CHECK(value_of("/run/a b.sock ") == "/run/a b.sock");
    CHECK(value_of("/run/\"a\".sock") == "/run/a.sock");
    CHECK(value_of("\"/run/\" a.sock") == "/run/a.sock");
    CHECK(value_of("/run/ \"a.sock\"") == "/run/a.sock");
    CHECK(value_of("'/run/' a.sock") == "/run/ a.sock");
    CHECK(value_of("\"/run/a\\\"b\\\\c\\n\"") == "/run/a\"b\\c\\n");
    CHECK(value_of("/run/a\\b") == "/run/a\\b");
    CHECK(value_of("/run/$pool.sock") == "/run/$pool.sock");
    CHECK(value_of("'/run/${A}.sock'") == "/run/${A}.sock");
    CHECK(value_of(std::string("/run/a\0b", 8)) == "/run/a");
    CHECK(value_of("") == "");
    CHECK(value_of("; nothing") == "");
}

TEST_CASE("what PHP computes is marked as such") {
    for (const char* written :
         {"${SOCK}", "/run/${A}.sock", "\"/run/${A}\"", "${A", "a|b", "~/a", "a=b", "\"open"}) {
        CAPTURE(written);
        CHECK(value_of(written) == "?");
    }
}

TEST_CASE("the span of a value covers its quotes, and of an empty one is where it would stand") {
    Arena arena;
    const std::string text = "[www]\na = \"b\" 'c' ; d\ne = \n";
    const IniFile file = parse_ini(text, SourceId{0}, arena);
    REQUIRE(file.settings.size() == 2);
    CHECK(file.settings[0].span == Span{SourceId{0}, 10, 17});
    CHECK(file.settings[0].heading == Span{SourceId{0}, 0, 5});
    CHECK(file.settings[1].span == Span{SourceId{0}, 26, 26});
}

TEST_CASE("no text is refused, and none takes long") {
    const std::size_t many = 1'000'000;
    std::string all_bytes;
    for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
    CHECK(settings_of("").empty());
    CHECK(settings_of("[").empty());
    CHECK(settings_of("a").empty());
    CHECK(settings_of("=").empty());
    CHECK(settings_of("a[").empty());
    CHECK(settings_of({"\0a = 1\0\n", 8}).empty());
    CHECK(settings_of("a = \"") == "[] a = \" (computed)\n");
    CHECK(settings_of(std::string(many, '[')).empty());
    CHECK(settings_of(std::string(many, '"')).empty());
    CHECK(settings_of("a = " + std::string(many, 'x')).size() == many + 8);
    CHECK(settings_of("a = " + std::string(many, '\'')).size() > 1);
    CHECK(settings_of("a = " + std::string(many, ' ')) == "[] a = \n");
    for (const std::string piece : {"${", "\"a", "a[", "a =", "\\", "[a]", "\r", "'\n"}) {
        std::string text = "a = ";
        while (text.size() < many) text += piece;
        CHECK(settings_of(text).size() > 1);
    }
    for (std::size_t cut = 0; cut < all_bytes.size(); ++cut) {
        settings_of("a = " + all_bytes.substr(cut) + all_bytes.substr(0, cut));
        settings_of(all_bytes.substr(cut));
    }
}

TEST_CASE("a pool listens where php-fpm would") {
    struct Case {
        const char* listen;
        const char* address;
    };
    for (const Case& one : std::vector<Case>{
             {"/run/php/php8.2-fpm.sock", "unix:/run/php/php8.2-fpm.sock"},
             {"\"/run/a.sock\"", "unix:/run/a.sock"},
             {"/run/$pool.sock", "unix:/run/www.sock"},
             {"/run/$pool/$pool.sock", "unix:/run/www/www.sock"},
             {"9000", "[::]:9000"},
             {"127.0.0.1:9000", "127.0.0.1:9000"},
             {"0.0.0.0:9000", "0.0.0.0:9000"},
             {"[::1]:9000", "[::1]:9000"},
             {"::1:9000", "[::1]:9000"},
             {"[::]:9000", "[::]:9000"},
             {"*:9000", "*:9000"},
             {"localhost:9000", "localhost:9000"},
             {"app:9000 ; container", "app:9000"},
         }) {
        CAPTURE(one.listen);
        CHECK(address_of(one.listen) == one.address);
    }
}

TEST_CASE("an address that only run time or a template knows is no address") {
    for (const char* listen :
         {"${SOCK}", "/run/${NAME}.sock", "/run/$name.sock", "{{ sock }}", "@SOCK@", "%SOCK%",
          "<%= @sock %>", "/run/__APP__.sock", "run/relative.sock", "unix:/run/a.sock", ":9000",
          "127.0.0.1:", "127.0.0.1:http", "0", "99000", "\"/run/open.sock", "", "none"}) {
        CAPTURE(listen);
        CHECK(address_of(listen).empty());
    }
}

TEST_CASE("a relative path is completed with the pool's prefix") {
    CHECK(to_string(found_pool("prefix = /srv/shop\nlisten = run/a.sock\n").only().at) ==
          "unix:/srv/shop/run/a.sock");
}

TEST_CASE("a listener says where its address and its heading are written") {
    const Found found = found_pool("user = www-data\n;listen = 1\nlisten = 127.0.0.1:9000 ; c\n");
    CHECK(found.sources.text(found.only().where) == "127.0.0.1:9000");
    CHECK(found.sources.text(found.only().section) == "[www]");
    CHECK(found.sources.path(found.only().where.source) == "etc/php/8.2/fpm/pool.d/www.conf");
    CHECK(found.only().user == "www-data");
    CHECK(!found.only().access);
}

TEST_CASE("a socket gets the owner, group and mode that php-fpm gives it") {
    const std::string user = "user = www-data\ngroup = www-data\n";
    CHECK(access_of(user) == "root:root 660");
    CHECK(access_of(user + "listen.owner = nginx\nlisten.group = www-data\n") ==
          "nginx:www-data 660");
    CHECK(access_of(user + "listen.group = www-data\n") == "root:www-data 660");
    CHECK(access_of(user + "listen.owner = 33\n") == "33:root 660");
    CHECK(access_of(user + "listen.owner =\nlisten.group = none\n") == "root:root 660");
    CHECK(access_of(user + "listen.mode = 0666\n") == "root:root 666");
    CHECK(access_of(user + "listen.mode = 600\n") == "root:root 600");
    CHECK(access_of(user + "listen.mode = rw\n") == "root:root 000");
    CHECK(access_of(user + "listen.mode = 01777\n") == "root:root 777");
    CHECK(access_of(user + "listen.mode =\n") == "root:root 660");
}

TEST_CASE("an access control list puts owner and group out of force") {
    CHECK(access_of("user = a\nlisten.owner = b\nlisten.acl_users = nginx\n") ==
          "root:root 660 acl");
    CHECK(access_of("user = a\nlisten.owner = b\nlisten.group = c\nlisten.acl_groups =\n") ==
          "b:c 660");
}

TEST_CASE("the group of a socket with an owner alone is the owner's own, if anybody knows it") {
    CHECK(access_of("user = a\nlisten.owner = nobody\n", debian_accounts) == "nobody:nogroup 660");
    CHECK(access_of("user = a\nlisten.owner = stranger\n", debian_accounts) == "stranger: 660");
    CHECK(access_of("user = a\nlisten.owner = nobody\n") == "nobody: 660");
}

TEST_CASE("a pool without a user is not run by root, so that the maker of its socket is unknown") {
    CHECK(access_of("") == "unknown");
    CHECK(access_of("listen.mode = 0666\n") == "unknown");
    CHECK(access_of("listen.group = www-data\n") == "unknown");
    CHECK(access_of("listen.owner = app\nlisten.group = app\n") == "app:app 660");
}

TEST_CASE("owners, groups and modes that a template knows leave the access unknown") {
    for (const char* setting :
         {"listen.owner = ${USER}", "listen.group = {{ group }}", "listen.mode = @MODE@"}) {
        CAPTURE(setting);
        CHECK(access_of(std::string("user = a\n") + setting + "\n") == "unknown");
    }
}

TEST_CASE("a listener says where the access to its socket is written") {
    const Found found =
        found_pool("user = a\nlisten = /a.sock\nlisten.group = \"g\"\nlisten.mode = 0600\n");
    const SocketAccess& access = *found.only().access;
    CHECK(access.is_written);
    CHECK(found.sources.text(access.span) == "\"g\"");
    CHECK(found.sources.text(access.mode_span) == "0600");

    const Found unset = found_pool("user = a\nlisten = /a.sock\n");
    CHECK(!unset.only().access->is_written);
    CHECK(unset.only().access->span == unset.only().where);
    CHECK(!unset.only().access->mode_span.known());
}

TEST_CASE("sections of one name are one pool, in any case and across files; the last wins") {
    const Found found({
        {"/usr/local/etc/php-fpm.d/docker.conf", "[global]\nerror_log = x\n[www]\nclear_env=no\n"},
        {"/usr/local/etc/php-fpm.d/www.conf", "[www]\nuser = www-data\nlisten = 127.0.0.1:9000\n"},
        {"/usr/local/etc/php-fpm.d/zz-docker.conf",
         "[global]\ndaemonize = no\n[WWW]\nListen = 9000\n"},
    });
    CHECK(found.listeners() == "pool www at [::]:9000\n");
    CHECK(found.only().user == "www-data");
}

TEST_CASE("an owner in another file counts") {
    const Found found({
        {"/etc/php/8.2/fpm/pool.d/shop.conf", "[shop]\nuser = a\nlisten = /run/shop.sock\n"},
        {"/etc/php/8.2/fpm/pool.d/zz-owner.conf", "[shop]\nlisten.owner = o\nlisten.group = g\n"},
    });
    CHECK(found.only().access->owner == "o");
    CHECK(found.only().access->group == "g");
}

TEST_CASE("an include is read where it stands, and the open section goes on through it") {
    const Found found({
        {"/etc/php-fpm.conf",
         "[global]\npid = x\n[www]\nlisten = 1\ninclude = /etc/fpm.d/*.conf\nlisten.mode = 0600\n"
         "[www]\nuser = a\n"},
        {"/etc/fpm.d/a.conf", "listen = /run/a.sock\n"},
        {"/etc/fpm.d/b.conf", "[shop]\nuser = b\nlisten = /run/shop.sock\n"},
        {"/etc/fpm.d/.hidden.conf", "[www]\nlisten = 2\n"},
        {"/etc/fpm.d/c.conf.off", "[www]\nlisten = 3\n"},
    });
    CHECK(found.listeners() == "pool www at unix:/run/a.sock\npool shop at unix:/run/shop.sock\n");
    CHECK(found.surroundings.listeners()[0].access->mode == 0660);
    CHECK(found.surroundings.listeners()[1].access->mode == 0600);
}

TEST_CASE("a relative include begins at the folder above the main file's, or at its own") {
    const std::string main = "[global]\ninclude = etc/php-fpm.d/*.conf\n";
    CHECK(Found({{"/usr/local/etc/php-fpm.conf", main},
                 {"/usr/local/etc/php-fpm.d/www.conf", "[www]\nlisten = 9000\n"}})
              .listeners() == "pool www at [::]:9000\n");
    CHECK(Found({{"/srv/php/php-fpm.conf", "include = pools/*\n"},
                 {"/srv/php/pools/www", "[www]\nlisten = 9000\n"}},
                {{{"/srv"}, {}, {}}}, false)
              .listeners() == "pool www at [::]:9000\n");
}

TEST_CASE("includes that go in circles, or lead nowhere, end") {
    const Found found({
        {"/etc/php-fpm.conf",
         "include = /etc/php-fpm.conf\ninclude = /etc/*\ninclude = /\ninclude =\n"
         "include = ${X}\ninclude = /missing/*/x\n[www]\nlisten = 9000\n"},
        {"/etc/other", "include = /etc/*\n"},
    });
    CHECK(found.listeners() == "pool www at [::]:9000\n");
}

TEST_CASE("a long pool name cannot be multiplied without end") {
    const std::string name(400'000, 'a');
    std::string listen = "/run/";
    for (int i = 0; i < 50'000; ++i) listen += "$pool";
    const Found found({{www_conf, '[' + name + "]\nlisten = " + listen + '\n'}});
    CHECK(found.listeners().empty());
}

TEST_CASE("php-fpm is found where packages put it") {
    const std::string pool = "[www]\nlisten = 9000\n";
    for (const char* path : {
             "/etc/php/8.2/fpm/pool.d/www.conf",
             "/etc/php-fpm.d/www.conf",
             "/etc/php83/php-fpm.d/www.conf",
             "/etc/php8/fpm/php-fpm.d/www.conf",
             "/usr/local/etc/php-fpm.d/www.conf",
             "/etc/opt/remi/php83/php-fpm.d/www.conf",
             "/etc/php83/php-fpm.conf",
             "/etc/php-fpm.conf",
         }) {
        CAPTURE(path);
        CHECK(Found({{path, pool}}).listeners() == "pool www at [::]:9000\n");
        CHECK(Found({{path, pool}}, {}, false).listeners().empty());
    }
}

TEST_CASE("where a main file is in sight, only what it includes is loaded") {
    const Found found({
        {"/etc/php/8.2/fpm/php-fpm.conf", "include = /etc/php/8.2/fpm/pool.d/www.conf\n"},
        {"/etc/php/8.2/fpm/pool.d/www.conf", "[www]\nlisten = 9000\n"},
        {"/etc/php/8.2/fpm/pool.d/off.conf", "[off]\nlisten = 9001\n"},
        {"/etc/php/8.3/fpm/pool.d/www.conf", "[www]\nlisten = 9002\n"},
    });
    CHECK(found.listeners() == "pool www at [::]:9000\npool www at [::]:9002\n");
}

TEST_CASE("pools are found in a repository by the names of files and folders") {
    const std::string pool = "[www]\nlisten = 9000\n";
    struct Case {
        const char* path;
        bool is_found;
    };
    for (const Case& one : std::vector<Case>{
             {"/srv/docker/php/custom.conf", true},
             {"/srv/docker/php-fpm/custom.conf", true},
             {"/srv/roles/web/files/pool.d/shop.conf", true},
             {"/srv/www.conf", true},
             {"/srv/zz-docker.conf", true},
             {"/srv/fpm-pool.conf", true},
             {"/srv/docker/custom.conf", false},
             {"/srv/docker/php/custom.conf.dist", false},
             {"/srv/vendor/php/www.conf", false},
             {"/srv/web/node_modules/www.conf", false},
             {"/elsewhere/www.conf", false},
             {"/srv/1/2/3/4/5/6/7/8/9/10/11/12/www.conf", true},
             {"/srv/1/2/3/4/5/6/7/8/9/10/11/12/13/www.conf", false},
         }) {
        CAPTURE(one.path);
        CHECK(Found({{one.path, pool}}, {{{"/srv/"}, {}, {}}}, false).listeners().empty() !=
              one.is_found);
    }
}

TEST_CASE("the first tree in which something is found is the last that is walked") {
    const Files files = {
        {"/srv/app/nginx/nginx.conf", "events {}\n"},
        {"/srv/app/php/www.conf", "[www]\nlisten = 9000\n"},
        {"/srv/other/php/www.conf", "[other]\nlisten = 9001\n"},
    };
    CHECK(Found(files, {{{"/srv/app/nginx", "/srv/app", "/srv"}, {}, {}}}, false).listeners() ==
          "pool www at [::]:9000\n");
}

TEST_CASE("pool files of one folder are one master, those of another are another") {
    const Found found(
        {
            {"/srv/a/php/www.conf", "[www]\nlisten = 9000\n"},
            {"/srv/a/php/zz.conf", "[www]\nlisten = 9001\n"},
            {"/srv/b/php/www.conf", "[www]\nlisten = 9002\n"},
        },
        {{{"/srv"}, {}, {}}}, false);
    CHECK(found.listeners() == "pool www at [::]:9001\npool www at [::]:9002\n");
}

TEST_CASE("each file is read for one master, and is among the sources once") {
    const Found found(
        {
            {"/etc/php/8.2/fpm/php-fpm.conf", "include = /etc/php/8.2/fpm/pool.d/*.conf\n"},
            {"/etc/php/8.2/fpm/pool.d/www.conf", "[www]\nlisten = 9000\n"},
        },
        {{{"/etc/nginx", "/etc", "/"}, {}, {}}});
    CHECK(found.listeners() == "pool www at [::]:9000\n");
    CHECK(found.sources.size() == 2);
}

TEST_CASE("an nginx configuration is never taken for a pool") {
    const Found found(
        {
            {"/srv/php/nginx.conf",
             "# [www]\nuser www-data;\nhttp {\n  map $a $b { ~[www] 1; }\n  server {\n"
             "    listen 80;\n    listen [::]:80;\n    location ~ [^/]\\.php$ {\n"
             "      fastcgi_pass unix:/run/php.sock;\n    }\n  }\n}\n"},
            {"/srv/php/supervisord.conf", "[program:php-fpm]\ncommand = php-fpm\nuser = root\n"},
            {"/srv/php/mysql.conf", "[mysqld]\nport = 3306\n!includedir /etc/mysql\n"},
        },
        {{{"/srv"}, {}, {}}});
    CHECK(found.listeners().empty());
    CHECK(found.sources.size() == 1);  // supervisord's
    CHECK(!found.surroundings.knows(Listener::Program::php_fpm));
}

TEST_CASE("php-fpm is known when it is known of every pool where it listens") {
    const auto knows = [](const std::string& text) {
        return Found({{www_conf, text}}).surroundings.knows(Listener::Program::php_fpm);
    };
    CHECK(knows("[www]\nlisten = 9000\n"));
    CHECK(!knows(""));
    CHECK(!knows("[www]\nlisten = ${SOCK}\n"));
    CHECK(!knows("[www]\nlisten = 9000\n[shop]\nlisten = /run/{{ name }}.sock\n"));
    CHECK(!knows("[www]\nlisten = 9000\n[shop]\npm = static\n"));
    CHECK(knows("[www]\nlisten = 9000\n[program:x]\nuser = root\n"));
}

TEST_CASE("members of a group are those whose own it is and those whom it names") {
    const Accounts accounts = accounts_of(debian_accounts);
    CHECK(accounts.is_member("www-data", "www-data") == true);
    CHECK(accounts.is_member("nginx", "www-data") == true);
    CHECK(accounts.is_member("www-data", "nginx") == false);
    CHECK(accounts.is_member("nobody", "nogroup") == true);
    CHECK(accounts.is_member("www-data", "33") == true);
    CHECK(accounts.is_member("nobody", "33") == false);
    CHECK(accounts.is_member("deploy", "www-data") == true);
    CHECK(accounts.is_member("deploy", "nginx") == std::nullopt);
    CHECK(accounts.is_member("nginx", "staff") == std::nullopt);
    CHECK(accounts.own_group("nobody") == "nogroup");
    CHECK(accounts.own_group("deploy") == std::nullopt);
}

TEST_CASE("accounts exist that the files have, unless others may know of more") {
    const std::string passwd = "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\n";
    const std::string group = "root:x:0:\nwww-data:x:33:\n";
    const auto read = [&](const std::string& names, const std::string& more = "") {
        return Accounts::read(MemoryReader(std::map<std::string, std::string>{
            {"/etc/passwd", passwd + more}, {"/etc/group", group}, {"/etc/nsswitch.conf", names}}));
    };
    const Accounts files =
        read("passwd: files systemd # own\ngroup: files [SUCCESS=merge] systemd\n");
    CHECK(files.has_user("www-data") == true);
    CHECK(files.has_user("nginx") == false);
    CHECK(files.has_group("www-data") == true);
    CHECK(files.has_group("nginx") == false);
    const Accounts directory = read("passwd: files sss\ngroup: files\n");
    CHECK(directory.has_user("www-data") == true);
    CHECK_FALSE(directory.has_user("nginx"));
    CHECK(directory.has_group("nginx") == false);
    CHECK_FALSE(read("", "+::::::\n").has_user("nginx"));
    CHECK_FALSE(Accounts().has_user("root"));
    CHECK_FALSE(Accounts().has_group("root"));
}

TEST_CASE("without the files nothing is known of accounts, and odd lines are skipped") {
    CHECK(accounts_of({}).is_member("a", "b") == std::nullopt);
    CHECK(accounts_of({{"/etc/group", "g:x:1:\n"}}).is_member("a", "g") == std::nullopt);
    CHECK(accounts_of({{"/etc/passwd", "a:x:1:1::/:\n"}}).own_group("a") == std::nullopt);
    const Accounts odd = accounts_of({
        {"/etc/passwd", "+::::::\n\n# a\nb\nc:x:\nd:x:y:z\n:x:1:1\na:x:1:2::/:/bin/sh"},
        {"/etc/group", "+:::\n\ng\ng:x\ng:x:2:,,b,\ng:x:3:a\n"},
    });
    CHECK(odd.own_group("a") == "g");
    CHECK(odd.is_member("a", "g") == true);
    CHECK(odd.is_member("b", "g") == true);
}

TEST_CASE("a file that is too long is not read, and that is said once") {
    Sources sources;
    Arena arena;
    Reading reading(sources, arena);
    const MemoryReader files(std::map<std::string, std::string>{
        {"/compose.yaml", std::string(Reading::max_size + 1, ' ')}});
    CHECK_FALSE(reading.read(files, "/compose.yaml"));
    CHECK_FALSE(reading.read(files, "/compose.yaml"));
    REQUIRE(reading.limits_reached().size() == 1);
    CHECK(reading.limits_reached()[0].message ==
          "compose.yaml is not read: it is longer than 16 MiB");
}

}  // namespace gatelint
