#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/handling.hpp"
#include "nginx/arguments/arguments.hpp"
#include "nginx/arguments/rows.hpp"
#include "syntax/syntax_tree.hpp"

// What nginx's setters refuse. A row of the tables is a context, a directive, and nginx's words
// behind `=>` where it refuses; nginx 1.22.1, or the version behind an `@`. `?` marks directives of
// modules that are rarely at hand.

namespace gatelint {

namespace {

struct Row {
    std::string_view text;
    Contexts context = in_unknown;
    std::optional<Version> version = Version{1, 22, 1};
    std::string_view directive;
    std::string_view words;
};

Contexts context_of(std::string_view name) {
    if (name == "http") return in_http;
    if (name == "server") return in_server;
    if (name == "location") return in_location;
    REQUIRE(name == "upstream");
    return in_upstream;
}

/// `CONTEXT [@VERSION|?]: DIRECTIVE [=> WORDS]`
Row parse_row(std::string_view text) {
    constexpr std::string_view arrow = " => ";
    Row row;
    row.text = text;
    const std::size_t colon = text.find(": ");
    const std::string_view head = text.substr(0, colon);
    row.context = context_of(head.substr(0, head.find(' ')));
    if (const std::size_t at = head.find('@'); at != std::string_view::npos) {
        row.version = parse_version(head.substr(at + 1));
        REQUIRE(row.version);
    }
    const std::string_view rest = text.substr(colon + 2);
    const std::size_t end = rest.find(arrow);
    row.directive = rest.substr(0, end);
    if (end != std::string_view::npos) row.words = rest.substr(end + arrow.size());
    return row;
}

std::vector<std::string_view> texts_of(const Statement& statement) {
    std::vector<std::string_view> texts;
    for (const Word& word : statement.args) texts.push_back(word.text);
    return texts;
}

/// The words of the first refusal, in the directive or in the rows of its block; empty if there is
/// none.
std::string refusal_of(const Row& row, const TargetNginx& nginx) {
    Sources sources;
    Arena arena;
    const SyntaxTree tree = parse(sources, sources.add("f", std::string(row.directive)), arena);
    REQUIRE(tree.errors().empty());
    REQUIRE(tree.statements().size() == 1);
    const Statement& statement = tree.statements()[0];
    const Handling handling = handle(statement, row.context, nginx);
    REQUIRE(handling.form != nullptr);
    const std::vector<std::string_view> texts = texts_of(statement);
    const auto error =
        check_arguments({*handling.form, texts, row.context, nginx.version, nginx.edition});
    if (error) return error->nginx;
    if (!holds_rows(handling.form->id)) return {};
    RowReader reader(handling.form->id, texts, nginx.version, true);
    for (const Statement& line : statement.block) {
        std::vector<std::string_view> words = texts_of(line);
        words.insert(words.begin(), line.name.text);
        if (const auto in_row = reader.read(words, line.has_block)) return in_row->nginx;
    }
    return {};
}

void check_table(std::string_view table) {
    while (!table.empty()) {
        const std::size_t end = std::min(table.find('\n'), table.size());
        const std::string_view text = table.substr(0, end);
        table.remove_prefix(std::min(end + 1, table.size()));
        if (text.empty()) continue;
        const Row row = parse_row(text);
        CAPTURE(text);
        CHECK(refusal_of(row, {row.version, Edition::open_source}) == row.words);
        // Of an unknown version, what any accepts is accepted.
        if (row.words.empty()) CHECK(refusal_of(row, {}).empty());
    }
}

}  // namespace

TEST_CASE("nginx's own words for what the core of http refuses in arguments") {
    check_table(R"rows(
server: listen 8001 default_server;
server: listen 8001 default;
server: listen 8001 foo; => invalid parameter "foo"
server: listen 8001 defualt_server; => invalid parameter "defualt_server"
server: listen 8001 bind;
server: listen 8001 backlog=511;
server: listen 8001 backlog=x; => invalid backlog "backlog=x"
server: listen 8001 backlog=0; => invalid backlog "backlog=0"
server: listen 8001 backlog=; => invalid backlog "backlog="
server: listen 8001 backlog=-1; => invalid backlog "backlog=-1"
server: listen 8001 rcvbuf=64k;
server: listen 8001 rcvbuf=64kb; => invalid rcvbuf "rcvbuf=64kb"
server: listen 8001 rcvbuf=1g; => invalid rcvbuf "rcvbuf=1g"
server: listen 8001 sndbuf=1m;
server: listen 8001 sndbuf=; => invalid sndbuf "sndbuf="
server: listen 8001 fastopen=3;
server: listen 8001 fastopen=on; => invalid fastopen "fastopen=on"
server: listen 8001 deferred;
server: listen 8001 reuseport;
server: listen 8001 reuseport=on; => invalid parameter "reuseport=on"
server: listen [::1]:8001 ipv6only=on;
server: listen [::1]:8001 ipv6only=off;
server: listen [::1]:8001 ipv6only=of; => invalid ipv6only flags "of"
server: listen [::1]:8001 ipv6only=only; => invalid ipv6only flags "only"
server: listen [::1]:8001 ipv6only=yes; => invalid parameter "ipv6only=yes"
server: listen 8001 ipv6only=on;
server: listen 8001 http2;
server: listen 8001 spdy; => invalid parameter "spdy"
server: listen 8001 quic; => invalid parameter "quic"
server: listen 8001 http3; => invalid parameter "http3"
server: listen 8001 multipath; => invalid parameter "multipath"
server: listen 8001 proxy_protocol;
server: listen 8001 SSL; => invalid parameter "SSL"
server: listen 8001 so_keepalive=on;
server: listen 8001 so_keepalive=off;
server: listen 8001 so_keepalive=30m::10;
server: listen 8001 so_keepalive=30m;
server: listen 8001 so_keepalive=:5;
server: listen 8001 so_keepalive=::9;
server: listen 8001 so_keepalive=; => invalid so_keepalive value: ""
server: listen 8001 so_keepalive=::; => invalid so_keepalive value: "::"
server: listen 8001 so_keepalive=yes; => invalid so_keepalive value: "yes"
server: listen 8001 so_keepalive=0:0:0; => invalid so_keepalive value: "0:0:0"
server: listen 8001 so_keepalive=1:2:x; => invalid so_keepalive value: "1:2:x"
server: listen 8001 so_keepalive=1:2:3:4; => invalid so_keepalive value: "1:2:3:4"
server: listen 8001 so_keepalive=100ms; => invalid so_keepalive value: "100ms"
server @1.25.0: listen 8001 quic reuseport;
server @1.25.0: listen 8001 quic ssl; => "listen" directive "ssl" parameter is incompatible with "quic"
server @1.25.0: listen 8001 http2 quic; => "listen" directive "http2" parameter is incompatible with "quic"
server @1.25.0: listen 8001 quic backlog=100;
server @1.25.4: listen 8001 quic backlog=100; => "listen" directive "backlog" parameter is incompatible with "quic"
server @1.29.7: listen 8001 multipath;
server @1.29.7: listen 8001 multipath quic; => "listen" directive "multipath" parameter is incompatible with "quic"
server @1.18.0: listen 8001 spdy;
server @1.9.0: listen 8001 http2; => invalid parameter "http2"
server: server_name example.com *.example.com www.example.* .example.org "" _ $hostname;
server: server_name *; => server name "*" is invalid
server: server_name *example.com; => server name "*example.com" is invalid
server: server_name *.; => server name "*." is invalid
server: server_name .; => server name "." is invalid
server: server_name a ~; => empty regex in server name "~"
server: server_name ~^www\.;
http: root $document_root/x; => the $document_root variable cannot be used in the "root" directive
http: root "${realpath_root}/x"; => the $realpath_root variable cannot be used in the "root" directive
location: alias /srv$document_root; => the $document_root variable cannot be used in the "alias" directive
location: root /srv/$host;
location: limit_except GET { deny all; }
location: limit_except get Post { deny all; }
location: limit_except GET,POST { deny all; } => invalid method "GET,POST"
location: limit_except GET TRACE { deny all; } => invalid method "TRACE"
http: aio threads;
http: aio off;
http: aio threaded; => "aio" directive invalid value
http: aio yes; => "aio" directive invalid value
http: aio sendfile; => "aio" directive invalid value
http @1.18.0: aio sendfile;
http: directio 4m;
http: directio 1g;
http: directio off;
http: directio on; => "directio" directive invalid value
http: directio 4mb; => "directio" directive invalid value
http: error_page 404 /404.html;
http: error_page 404 = /404.html;
http: error_page 404 =200 /404.html;
http: error_page 404 403 /e.html?code=$status;
http: error_page 404 =x /404.html; => invalid value "=x"
http: error_page =200 /404.html; => invalid value "=200"
http: error_page = /404.html; => invalid value "="
http: error_page 499 /e.html; => invalid value "499"
http: error_page 4xx /e.html; => invalid value "4xx"
http: error_page 200 /e.html; => value "200" must be between 300 and 599
http: error_page 600 /e.html; => value "600" must be between 300 and 599
http: error_page /404.html 404; => invalid value "/404.html"
http: error_page 404 500 = =200 /e.html; => invalid value "="
http: open_file_cache max=1000 inactive=20s;
http: open_file_cache off;
http: open_file_cache inactive=20s; => "open_file_cache" must have the "max" parameter
http: open_file_cache max=0; => invalid "open_file_cache" parameter "max=0"
http: open_file_cache max=1k; => invalid "open_file_cache" parameter "max=1k"
http: open_file_cache max=1000 inactive=1min; => invalid "open_file_cache" parameter "inactive=1min"
http: open_file_cache on; => invalid "open_file_cache" parameter "on"
http: open_file_cache max=1000 valid=30s; => invalid "open_file_cache" parameter "valid=30s"
http: keepalive_timeout 65;
http: keepalive_timeout 65s 60;
http: keepalive_timeout 500ms;
http: keepalive_timeout 65sec; => "keepalive_timeout" directive invalid value
http: keepalive_timeout 65 60ms; => "keepalive_timeout" directive invalid value
http: keepalive_timeout off; => "keepalive_timeout" directive invalid value
http: disable_symlinks off;
http: disable_symlinks on from=$document_root;
http: disable_symlinks if_not_owner from=/srv;
http: disable_symlinks yes; => invalid parameter "yes"
http: disable_symlinks from=/srv; => "disable_symlinks" must have "off", "on" or "if_not_owner" parameter
http: disable_symlinks on off; => duplicate parameters "on off"
http: disable_symlinks off from=/srv; => "from=" cannot be used with "off" parameter
http: disable_symlinks from=/srv from=/x; => "disable_symlinks" must have "off", "on" or "if_not_owner" parameter
http: resolver 127.0.0.1 valid=30s ipv6=off;
http: resolver 127.0.0.1 valid=x; => invalid parameter: valid=x
http: resolver 127.0.0.1 valid=100ms; => invalid parameter: valid=100ms
http: resolver 127.0.0.1 ipv6=maybe; => invalid parameter: ipv6=maybe
http: resolver valid=30s; => no name servers defined
http: resolver ipv6=off valid=1m; => no name servers defined
http @1.23.1: resolver 127.0.0.1 ipv4=off;
http @1.23.1: resolver 127.0.0.1 ipv4=no; => invalid parameter: ipv4=no
http @1.23.1: resolver 127.0.0.1 ipv4=off ipv6=off; => "ipv4" and "ipv6" cannot both be "off"
server: location = /a { }
server: location ^~ /a { }
server: location ~* \.php$ { }
server: location == /a { } => invalid location modifier "=="
server: location ~^ /a { } => invalid location modifier "~^"
server: location !~ /a { } => invalid location modifier "!~"
server: location =/a { }
server: try_files $uri /index.html;
location: try_files $uri =404;
location: try_files $uri $uri/ @x =999;
location: try_files $uri =1000; => invalid code "=1000"
location: try_files $uri =; => invalid code "="
location: try_files $uri =404x; => invalid code "=404x"
location: try_files $uri =$arg_c; => invalid code "=$arg_"
location: try_files =404 $uri;
http: limit_rate 10k;
http: limit_rate $arg_r;
http: limit_rate 10kb; => "limit_rate" directive invalid value
http: limit_rate 1g; => "limit_rate" directive invalid value
http: limit_rate_after 500k;
http: limit_rate_after -1; => "limit_rate_after" directive invalid value
http: proxy_limit_rate 10k;
http: proxy_limit_rate 10x; => "proxy_limit_rate" directive invalid value
http: proxy_limit_rate $arg_r; => "proxy_limit_rate" directive invalid value
http @1.27.0: proxy_limit_rate $arg_r;
http @1.16.0: limit_rate $arg_r; => "limit_rate" directive invalid value
http: fastcgi_limit_rate 1.5k; => "fastcgi_limit_rate" directive invalid value
http: uwsgi_limit_rate ""; => "uwsgi_limit_rate" directive invalid value
http: scgi_limit_rate 1m;
)rows");
}

TEST_CASE("nginx's own words for what groups of servers refuse") {
    check_table(R"rows(
upstream: server 127.0.0.1:8001 weight=5 max_conns=10 max_fails=0 fail_timeout=10s down;
upstream: server 127.0.0.1:8001 backup;
upstream: server 127.0.0.1:8001 weight=x; => invalid parameter "weight=x"
upstream: server 127.0.0.1:8001 weight=0; => invalid parameter "weight=0"
upstream: server 127.0.0.1:8001 weight=1.5; => invalid parameter "weight=1.5"
upstream: server 127.0.0.1:8001 max_fails=-1; => invalid parameter "max_fails=-1"
upstream: server 127.0.0.1:8001 max_conns=; => invalid parameter "max_conns="
upstream: server 127.0.0.1:8001 fail_timeout=500ms; => invalid parameter "fail_timeout=500ms"
upstream: server 127.0.0.1:8001 fail_timeout=1min; => invalid parameter "fail_timeout=1min"
upstream: server 127.0.0.1:8001 bakcup; => invalid parameter "bakcup"
upstream: server 127.0.0.1:8001 resolve; => invalid parameter "resolve"
upstream: server 127.0.0.1:8001 slow_start=30s; => invalid parameter "slow_start=30s"
upstream: server 127.0.0.1:8001 route=a; => invalid parameter "route=a"
upstream: server 127.0.0.1:8001 drain; => invalid parameter "drain"
upstream: server 127.0.0.1:8001 service=http; => invalid parameter "service=http"
upstream: server 127.0.0.1:8001 check; => invalid parameter "check"
upstream @1.27.3: server app resolve;
upstream @1.27.3: server app service=http resolve;
upstream @1.27.3: server app service=http; => service upstream "app" requires "resolve" parameter
upstream @1.27.3: server app resolve service=; => service is empty
upstream @1.29.6: server 127.0.0.1:8001 drain route=a;
upstream @1.29.6: server 127.0.0.1:8001 route=; => route is empty
upstream @1.29.6: server 127.0.0.1:8001 route=0123456789abcdef0123456789abcdef0; => route is longer than 32
upstream: keepalive 16;
upstream: keepalive 0; => invalid value "0" in "keepalive" directive
upstream: keepalive x; => invalid value "x" in "keepalive" directive
upstream @1.29.7: keepalive 0;
upstream @1.29.7: keepalive 16 local;
upstream @1.29.7: keepalive 16 global; => invalid parameter "global"
upstream: hash $request_uri;
upstream: hash $request_uri consistent;
upstream: hash $request_uri consistant; => invalid parameter "consistant"
upstream: random;
upstream: random two;
upstream: random two least_conn;
upstream: random one; => invalid parameter "one"
upstream: random two least_time=header; => invalid parameter "least_time=header"
upstream: random two ip_hash; => invalid parameter "ip_hash"
upstream @1.31.4: least_time header;
upstream @1.31.4: least_time last_byte inflight;
upstream @1.31.4: least_time first_byte; => invalid value "first_byte"
upstream @1.31.4: least_time header in_flight; => invalid parameter "in_flight"
upstream @1.31.4: sticky cookie srv_id expires=1h domain=.example.com path=/ httponly secure samesite=Lax;
upstream @1.31.4: sticky cookie srv_id expires=max samesite=$arg_s;
upstream @1.31.4: sticky cookie ""; => "sticky" directive empty cookie name
upstream @1.31.4: sticky cookie a domain=; => "sticky" directive no value for "domain"
upstream @1.31.4: sticky cookie a path=; => "sticky" directive no value for "path"
upstream @1.31.4: sticky cookie a expires=1min; => "sticky" directive invalid "expires" parameter value
upstream @1.31.4: sticky cookie a samesite=no; => "sticky" directive invalid "samesite" parameter value
upstream @1.31.4: sticky cookie a secure secure; => "sticky" directive parameter "secure" is duplicate
upstream @1.31.4: sticky cookie a path=/ path=/; => "sticky" directive parameter "path" is duplicate
upstream @1.31.4: sticky cookie a http_only; => unknown parameter "http_only"
upstream @1.31.4: sticky route $a $b;
upstream @1.31.4: sticky route a; => invalid variable name "a"
upstream @1.31.4: sticky learn create=$a lookup=$b zone=z:1m timeout=1h header;
upstream @1.31.4: sticky learn create=$a lookup=$b; => "sticky" directive "zone" parameter is not specified
upstream @1.31.4: sticky learn lookup=$b zone=z:1m; => "sticky" directive "create" parameter is not specified
upstream @1.31.4: sticky learn zone=z:1m; => "sticky" directive "lookup" parameter is not specified
upstream @1.31.4: sticky learn create=a; => "sticky" directive missing variable in the "create" parameter
upstream @1.31.4: sticky learn lookup=$; => invalid variable name "$"
upstream @1.31.4: sticky learn zone=z; => "sticky" directive zone size is not specified
upstream @1.31.4: sticky learn zone=:1m; => "sticky" directive zone name is not specified
upstream @1.31.4: sticky learn zone=z:x; => "sticky" directive invalid zone size
upstream @1.31.4: sticky learn zone=z:1k; => "sticky" directive zone is too small
upstream @1.31.4: sticky learn zone=z:1m zone=y:1m; => "sticky" directive duplicate zone
upstream @1.31.4: sticky learn timeout=0; => "sticky" directive invalid timeout
upstream @1.31.4: sticky learn foo; => unknown parameter "foo"
upstream @1.31.4: sticky name=srv_id expires=1h; => unknown parameter "name=srv_id"
upstream: zone u 64k;
upstream: zone u 32k;
upstream: zone u 64kb; => invalid zone size "64kb"
upstream: zone "" 64k; => invalid zone name ""
http: proxy_bind 127.0.0.1 transparent;
http: proxy_bind off;
http: proxy_bind 127.0.0.1 foo; => invalid parameter "foo"
http: memcached_bind 127.0.0.1 Transparent; => invalid parameter "Transparent"
http: fastcgi_param HTTPS on if_not_empty;
http: fastcgi_param HTTPS on if_empty; => invalid parameter "if_empty"
http: uwsgi_param A $host x; => invalid parameter "x"
)rows");
}

TEST_CASE("nginx's own words for conditions, codes and flags that it refuses") {
    check_table(R"rows(
location: if ($a) { }
location: if ( $a ) { }
location: if ($a = b) { }
location: if ($a != "") { }
location: if ($a ~* x) { }
location: if ($a !~ x) { }
location: if (-f $request_filename) { }
location: if (!-e $request_filename) { }
location: if ( !-d $request_filename ) { }
location: if $a { } => invalid condition "$a"
location: if ($a { } => invalid condition "$a"
location: if () { } => invalid condition ")"
location: if ( ) { } => invalid condition ")"
location: if ( { } => invalid condition "("
location: if (a) { } => invalid condition "a"
location: if (a = b) { } => invalid condition "a"
location: if ($a == b) { } => unexpected "==" in condition
location: if ($a > b) { } => unexpected ">" in condition
location: if ($a = b && $c) { } => invalid condition "$a"
location: if ($a =) { } => invalid condition "$a"
location: if ($) { } => invalid condition "$"
location: if (-f) { } => invalid condition "-f"
location: if (-z $a) { } => invalid condition "-z"
location: if (!-r $a) { } => invalid condition "!-r"
location: if (!$a) { } => invalid condition "!$a"
location: if ("$a" = b) { } => invalid condition ""$a""
location: if (-f $a $b) { } => invalid condition "-f"
location: if ($a eq b) { } => unexpected "eq" in condition
location: if (true) { } => invalid condition "true"
location: return 404;
location: return 200 "ok";
location: return 301 https://$host/;
location: return https://$host/;
location: return http://a/;
location: return $scheme://a/;
location: return 999;
location: return 1000; => invalid return code "1000"
location: return 40x; => invalid return code "40x"
location: return /a; => invalid return code "/a"
location: return $a 200; => invalid return code "$a"
location: return https://a/ 301; => invalid return code "https://a/"
location: return ftp://a/; => invalid return code "ftp://a/"
location: return "ok"; => invalid return code "ok"
location: return ""; => invalid return code ""
location: rewrite ^/a$ /b last;
location: rewrite ^/a$ /b permanent;
location: rewrite ^/a$ /b;
location: rewrite ^/a$ /b 301; => invalid parameter "301"
location: rewrite ^/a$ /b Last; => invalid parameter "Last"
location: rewrite ^/a$ /b permament; => invalid parameter "permament"
location: rewrite ^/a$ ""; => empty replacement
location @1.16.0: rewrite ^/a$ "";
location: set $x 1;
location: set x 1; => invalid variable name "x"
location: set $ 1; => invalid variable name "$"
location: set "" 1; => invalid variable name ""
)rows");
}

TEST_CASE("nginx's own words for zones, limits and caches that it refuses") {
    check_table(R"rows(
http: limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s;
http: limit_req_zone $binary_remote_addr zone=one:10m rate=30r/m;
http: limit_req_zone $binary_remote_addr zone=one:10m rate=5;
http: limit_req_zone $binary_remote_addr zone=one:10m rate=0r/s; => invalid rate "rate=0r/s"
http: limit_req_zone $binary_remote_addr zone=one:10m rate=1r/h; => invalid rate "rate=1r/h"
http: limit_req_zone $binary_remote_addr zone=one:10m rate=0.5r/s; => invalid rate "rate=0.5r/s"
http: limit_req_zone $binary_remote_addr zone=one:10m rate=r/s; => invalid rate "rate=r/s"
http: limit_req_zone $binary_remote_addr zone=one rate=1r/s; => invalid zone size "zone=one"
http: limit_req_zone $binary_remote_addr zone=one:10mb rate=1r/s; => invalid zone size "zone=one:10mb"
http: limit_req_zone $binary_remote_addr zone=one:10k rate=1r/s; => zone "zone=one:10k" is too small
http: limit_req_zone $binary_remote_addr zone=one:1g rate=1r/s; => invalid zone size "zone=one:1g"
http: limit_req_zone $binary_remote_addr zone=:10m rate=1r/s; => "limit_req_zone" must have "zone" parameter
http: limit_req_zone $binary_remote_addr rate=1r/s rate=2r/s; => "limit_req_zone" must have "zone" parameter
http: limit_req_zone $binary_remote_addr one:10m rate=1r/s; => invalid parameter "one:10m"
http: limit_req_zone $binary_remote_addr zone=one:10m burst=5; => invalid parameter "burst=5"
http: limit_conn_zone $binary_remote_addr zone=addr:10m;
http: limit_conn_zone $binary_remote_addr zone=addr; => invalid zone size "zone=addr"
http: limit_conn_zone $binary_remote_addr zone=addr:31k; => zone "zone=addr:31k" is too small
http: limit_conn_zone $binary_remote_addr addr:10m; => invalid parameter "addr:10m"
http: limit_conn_zone $binary_remote_addr zone=:10m; => "limit_conn_zone" must have "zone" parameter
http: limit_req zone=lr burst=5 nodelay;
http: limit_req zone=lr burst=5 delay=3;
http: limit_req zone=lr burst=0; => invalid burst value "burst=0"
http: limit_req zone=lr burst=x; => invalid burst value "burst=x"
http: limit_req zone=lr delay=0; => invalid delay value "delay=0"
http: limit_req burst=5; => "limit_req" must have "zone" parameter
http: limit_req zone=lr no_delay; => invalid parameter "no_delay"
http: limit_req lr; => invalid parameter "lr"
http @1.14.0: limit_req zone=lr delay=3; => invalid parameter "delay=3"
http: limit_conn lc 1;
http: limit_conn lc 65535;
http: limit_conn lc 65536; => connection limit must be less 65536
http: limit_conn lc 0; => invalid number of connections "0"
http: limit_conn lc off; => invalid number of connections "off"
http: proxy_cache_path ./c levels=1:2 keys_zone=c:10m inactive=60m max_size=1g use_temp_path=off;
http: proxy_cache_path ./c levels=1:1:2 keys_zone=c:10m min_free=1g loader_files=5 loader_sleep=50ms loader_threshold=1s manager_files=5 manager_sleep=1 manager_threshold=2;
http: proxy_cache_path ./c levels= keys_zone=c:10m;
http: proxy_cache_path ./c levels=3 keys_zone=c:10m; => invalid "levels" "levels=3"
http: proxy_cache_path ./c levels=1:2: keys_zone=c:10m; => invalid "levels" "levels=1:2:"
http: proxy_cache_path ./c levels=1:2:1:1 keys_zone=c:10m; => invalid "levels" "levels=1:2:1:1"
http: proxy_cache_path ./c levels=12 keys_zone=c:10m; => invalid "levels" "levels=12"
http: proxy_cache_path ./c levels=1-2 keys_zone=c:10m; => invalid "levels" "levels=1-2"
http: proxy_cache_path ./c keys_zone=c; => invalid keys zone size "keys_zone=c"
http: proxy_cache_path ./c keys_zone=c:x; => invalid keys zone size "keys_zone=c:x"
http: proxy_cache_path ./c keys_zone=c:1g; => invalid keys zone size "keys_zone=c:1g"
http: proxy_cache_path ./c keys_zone=c:4k; => keys zone "keys_zone=c:4k" is too small
http: proxy_cache_path ./c keys_zone=:10m; => "proxy_cache_path" must have "keys_zone" parameter
http: proxy_cache_path ./c levels=1:2; => "proxy_cache_path" must have "keys_zone" parameter
http: proxy_cache_path ./c keys_zone=c:10m inactive=1hour; => invalid inactive value "inactive=1hour"
http: proxy_cache_path ./c keys_zone=c:10m inactive=500ms; => invalid inactive value "inactive=500ms"
http: proxy_cache_path ./c keys_zone=c:10m max_size=10gb; => invalid max_size value "max_size=10gb"
http: proxy_cache_path ./c keys_zone=c:10m max_size=10G;
http: proxy_cache_path ./c keys_zone=c:10m max_size=1t; => invalid max_size value "max_size=1t"
http: proxy_cache_path ./c keys_zone=c:10m min_free=x; => invalid min_free value "min_free=x"
http: proxy_cache_path ./c keys_zone=c:10m use_temp_path=no; => invalid use_temp_path value "use_temp_path=no", it must be "on" or "off"
http: proxy_cache_path ./c keys_zone=c:10m loader_files=x; => invalid loader_files value "loader_files=x"
http: proxy_cache_path ./c keys_zone=c:10m loader_sleep=x; => invalid loader_sleep value "loader_sleep=x"
http: proxy_cache_path ./c keys_zone=c:10m loader_threshold=x; => invalid loader_threshold value "loader_threshold=x"
http: proxy_cache_path ./c keys_zone=c:10m manager_files=x; => invalid manager_files value "manager_files=x"
http: proxy_cache_path ./c keys_zone=c:10m manager_sleep=x; => invalid manager_sleep value "manager_sleep=x"
http: proxy_cache_path ./c keys_zone=c:10m manager_threshold=x; => invalid manager_threshold value "manager_threshold=x"
http: proxy_cache_path ./c keys_zone=c:10m purger=on; => invalid parameter "purger=on"
http: proxy_cache_path ./c keys_zone=c:10m maxsize=1g; => invalid parameter "maxsize=1g"
http: fastcgi_cache_path ./c zone=c:10m; => invalid parameter "zone=c:10m"
http: proxy_cache_valid 200 302 10m;
http: proxy_cache_valid any 1m;
http: proxy_cache_valid 5m;
http: proxy_cache_valid 200;
http: proxy_cache_valid 200 302;
http: proxy_cache_valid 200 any; => invalid time value "any"
http: proxy_cache_valid 10m 200; => invalid status "10m"
http: proxy_cache_valid 99 10m; => invalid status "99"
http: proxy_cache_valid 600 10m; => invalid status "600"
http: proxy_cache_valid 2xx 10m; => invalid status "2xx"
http: fastcgi_cache_valid 200 1min; => invalid time value "1min"
http: uwsgi_cache_valid 200 500ms; => invalid time value "500ms"
http: proxy_store on;
http: proxy_store /srv$uri;
http: scgi_store "";
http @1.27.3: scgi_store ""; => empty path
http: proxy_cookie_domain off;
http: proxy_cookie_domain a b;
http: proxy_cookie_domain example.com; => invalid parameter "example.com"
http: proxy_cookie_path /a /b;
http: proxy_cookie_path on; => invalid parameter "on"
http: proxy_cookie_flags a secure httponly;
http: proxy_cookie_flags off;
http: proxy_cookie_flags secure; => invalid parameter "secure"
http: proxy_redirect off;
http: proxy_redirect http://a/ /;
http: proxy_redirect on; => invalid parameter "on"
http: proxy_redirect http://a/; => invalid parameter "http://a/"
http @1.27.4: proxy_ssl_certificate_cache max=100 inactive=20s valid=1m;
http @1.27.4: ssl_certificate_cache off;
http @1.27.4: ssl_certificate_cache max=0; => invalid parameter "max=0"
http @1.27.4: ssl_certificate_cache inactive=20s; => "ssl_certificate_cache" must have the "max" parameter
http @1.27.4: grpc_ssl_certificate_cache on; => invalid parameter "on"
)rows");
}

TEST_CASE("nginx's own words for logs that it refuses") {
    check_table(R"rows(
http: access_log off;
http: access_log off main; => invalid parameter "main"
http: access_log ./a.log;
http: access_log ./a.log combined buffer=32k flush=5m;
http: access_log ./a.log combined gzip;
http: access_log ./a.log combined gzip=9 flush=1s;
http: access_log ./a.log combined if=$arg_l;
http: access_log ./a.log combined gzip=0; => invalid compression level "0"
http: access_log ./a.log combined gzip=10; => invalid compression level "10"
http: access_log ./a.log combined gzip=; => invalid compression level ""
http: access_log ./a.log combined gzip6; => invalid parameter "gzip6"
http: access_log ./a.log combined buffer=0; => invalid buffer size "0"
http: access_log ./a.log combined buffer=32kb; => invalid buffer size "32kb"
http: access_log ./a.log combined buffer=32k flush=0; => invalid flush time "0"
http: access_log ./a.log combined buffer=32k flush=5min; => invalid flush time "5min"
http: access_log ./a.log combined flush=5s; => no buffer is defined for access_log "./a.log"
http: access_log ./$host.log combined buffer=32k; => buffered logs cannot have variables in name
http: access_log ./$host.log combined;
http: access_log ./a.log combined foo; => invalid parameter "foo"
http: access_log ./a.log combined if; => invalid parameter "if"
http: access_log syslog:server=127.0.0.1,facility=local7,tag=nginx,severity=info;
http: access_log syslog:server=127.0.0.1,nohostname combined;
http: access_log syslog:server=127.0.0.1 combined buffer=32k; => logs to syslog cannot be buffered
http: access_log syslog:server=127.0.0.1,facility=local8; => unknown syslog facility "local8"
http: access_log syslog:server=127.0.0.1,severity=warning; => unknown syslog severity "warning"
http: access_log syslog:server=127.0.0.1,tag=my-app; => syslog "tag" only allows alphanumeric characters and underscore
http: access_log syslog:server=127.0.0.1,tag=a12345678901234567890123456789012; => syslog tag length exceeds 32
http: access_log syslog:facility=local7; => no syslog server specified
http: access_log syslog:; => unknown syslog parameter ""
http: access_log syslog:server=127.0.0.1,host=a; => unknown syslog parameter "host=a"
http: access_log syslog:server=127.0.0.1,server=127.0.0.2; => duplicate syslog "server"
http: access_log syslog:server=127.0.0.1,tag=a,tag=b; => duplicate syslog "tag"
http: access_log syslog:server=127.0.0.1,facility=user,facility=mail; => duplicate syslog "facility"
http: access_log syslog:server=127.0.0.1,; => unknown syslog parameter ""
http: log_format f escape=json '{"a":"$uri"}';
http: log_format f escape=none "$uri";
http: log_format f escape=yaml "$uri"; => unknown log format escaping "yaml"
http: log_format f "$uri $"; => invalid parameter "$"
http: log_format f "a $-b"; => invalid parameter "$-b"
http: log_format f "${uri"; => the closing bracket in "uri" variable is missing
http: log_format f "${uri-x}"; => the closing bracket in "uri" variable is missing
http: log_format f "${uri}x$status";
http: log_format f "${}"; => invalid parameter "${}"
http @1.13.0: log_format f escape=none "$uri"; => unknown log format escaping "none"
http: open_log_file_cache max=1000 inactive=20s valid=1m min_uses=2;
http: open_log_file_cache off;
http: open_log_file_cache inactive=20s; => "open_log_file_cache" must have "max" parameter
http: open_log_file_cache max=0; => "open_log_file_cache" must have "max" parameter
http: open_log_file_cache max=x; => invalid "open_log_file_cache" parameter "max=x"
)rows");
}

TEST_CASE("nginx's own words for what filters refuse in arguments") {
    check_table(R"rows(
http: add_header A b always;
http: add_header A b c; => invalid parameter "c"
http: add_trailer A b Always; => invalid parameter "Always"
http: expires 30d;
http: expires +1h;
http: expires -1;
http: expires epoch;
http: expires @15h30m;
http: expires modified +24h;
http: expires $arg_e;
http: expires modified $arg_e;
http: expires 1.5h; => "expires" directive invalid value
http: expires on; => "expires" directive invalid value
http: expires 30days; => "expires" directive invalid value
http: expires @25h; => "expires" directive daily time value must be less than 24 hours
http: expires @24h;
http: expires modified @1h; => "expires" directive daily time cannot be used with "modified" parameter
http: expires modified max; => "expires" directive invalid value
http: expires after 1h; => "expires" directive invalid value
http: charset utf-8;
http: charset $arg_c;
http: charset off;
http: charset $; => invalid variable name "$"
http: charset_map koi8-r windows-1251 { 80 88; }
http: charset_map koi8-r KOI8-R { } => "charset_map" between the same charsets "koi8-r" and "KOI8-R"
http: charset_map koi8-r windows-1251 { 80 88 99; } => invalid parameters number
http: charset_map koi8-r windows-1251 { 80; } => invalid parameters number
http: charset_map koi8-r windows-1251 { 8g 88; } => invalid value "8g"
http: charset_map koi8-r windows-1251 { 80 100; } => invalid value "100"
http: charset_map koi8-r utf-8 { 80 E282AC; 81 C3A9; }
http: charset_map koi8-r utf-8 { 80 20; } => invalid value "20"
http: charset_map koi8-r utf-8 { 80 E282A; } => invalid value "E282A"
http: charset_map koi8-r utf-8 { 80 E282; } => invalid value "E282"
http: charset_map koi8-r utf-8 { 80 FFFF; } => invalid value "FFFF"
http @1.31.3: charset_map utf-8 koi8-r { } => "charset_map" with "utf-8" charset should be given in the second column
http: index index.html index.php /last.html;
http: index a ""; => index "a" in "index" directive is invalid
http @1.29.2: index a ""; => index "" in "index" directive is invalid
http: userid_expires max;
http: userid_expires 365d;
http: userid_expires never; => "userid_expires" directive invalid value
http: userid_mark =;
http: userid_mark a;
http: userid_mark off;
http: userid_mark ab; => "userid_mark" directive value must be "off" or a single letter, digit or "="
http: userid_mark -; => "userid_mark" directive value must be "off" or a single letter, digit or "="
http: modern_browser msie 5.5;
http: modern_browser unlisted;
http: modern_browser Chrome 5; => unknown browser name "Chrome"
http: modern_browser GECKO 1.0.0;
http: modern_browser msie 5.x; => invalid browser version "5.x"
server: valid_referers none blocked server_names *.example.com example.* ~\.google\. example.org/path;
server: valid_referers ""; => invalid referer ""
server: valid_referers ~; => empty regex in "~"
server: valid_referers *example.com; => invalid hostname or wildcard "*example.com"
server: valid_referers www.*.com/x; => invalid hostname or wildcard "www.*.com"
server: valid_referers a..b; => invalid hostname or wildcard "a..b"
server: valid_referers .example.com;
http: sub_filter a b;
http: sub_filter "" b; => empty search pattern
http: ssl_session_cache shared:SSL:10m;
http: ssl_session_cache builtin:1000 shared:SSL:10m;
http: ssl_session_cache off;
http: ssl_session_cache none;
http: ssl_session_cache on; => invalid session cache "on"
http: ssl_session_cache shared:SSL; => invalid session cache "shared:SSL"
http: ssl_session_cache shared:SSL:10mb; => invalid session cache "shared:SSL:10mb"
http: ssl_session_cache shared::10m; => invalid session cache "shared::10m"
http: ssl_session_cache shared:SSL:10k; => session cache "shared:SSL:10k" is too small
http: ssl_session_cache builtin:x; => invalid session cache "builtin:x"
http: ssl_session_cache shared; => invalid session cache "shared"
http: ssl_ocsp_cache shared:O:10m;
http: ssl_ocsp_cache off;
http: ssl_ocsp_cache on; => invalid OCSP cache "on"
http: ssl_ocsp_cache shared:O:1k; => OCSP cache "shared:O:1k" is too small
http: auth_request_set $a $b;
http: auth_request_set a $uri; => invalid variable name "a"
)rows");
}

TEST_CASE("nginx's own words for the lines of blocks of data that it refuses") {
    check_table(R"rows(
http: map $uri $m { default 0; /a 1; ~x 2; }
http: map $uri $m { hostnames; *.example.com 1; .example.org 2; }
http: map $uri $m { volatile; a b; }
http: map $uri m { } => invalid variable name "m"
http: map $uri $ { } => invalid variable name "$"
http: map $uri $m { a b c; } => invalid number of the map parameters
http: map $uri $m { a; } => invalid number of the map parameters
http: map $uri $m { default; } => invalid number of the map parameters
http: map $uri $m { hostnames; www.*.com 1; } => invalid hostname or wildcard "www.*.com"
http: map $uri $m { www.*.com 1; }
http: map $uri $m { hostnames; \*a 1; } => invalid hostname or wildcard "*a"
http: map $uri $m { a { b c; } } => unexpected "{"
http: map $uri $m { if ($a) { } } => unexpected "{"
http: geo $g { default 0; 10.0.0.0/8 1; 127.0.0.1 2; ::1 3; delete 10.0.0.0/8; proxy 127.0.0.1; proxy_recursive; }
http: geo $remote_addr $g { default 0; }
http: geo g { } => invalid variable name "g"
http: geo $a g { } => invalid variable name "g"
http: geo $g { 10.0.0.0/8; } => invalid number of the geo parameters
http: geo $g { 10.0.0.0/8 a b; } => invalid number of the geo parameters
http: geo $g { 10.0.0.0/33 a; } => invalid network "10.0.0.0/33"
http: geo $g { 10.0.0 a; } => invalid network "10.0.0"
http: geo $g { localhost a; } => invalid network "localhost"
http: geo $g { 10.0.0.0/x a; } => invalid network "10.0.0.0/x"
http: geo $g { 10.0.0.1-10.0.0.2 a; } => invalid network "10.0.0.1-10.0.0.2"
http: geo $g { 2001:db8::/32 a; 255.255.255.255 b; 2001:db8::/129 c; } => invalid network "2001:db8::/129"
http: geo $g { [::1] a; } => invalid network "[::1]"
http: geo $g { delete foo; } => invalid network "foo"
http: geo $g { proxy foo; } => invalid network "foo"
http: geo $g { ranges; default 0; 10.0.0.0-10.255.255.255 1; delete 10.0.0.0-10.255.255.255; }
http: geo $g { ranges; 10.0.0.0/8 1; } => invalid range "10.0.0.0/8"
http: geo $g { ranges; 10.0.0.2-10.0.0.1 1; } => invalid range "10.0.0.2-10.0.0.1"
http: geo $g { ranges; 10.0.0.2-x 1; } => invalid range "10.0.0.2-x"
http: geo $g { ranges; 0.0.0.0-255.255.255.255 1; } => invalid range "0.0.0.0-255.255.255.255"
http: geo $g { default 0; ranges; } => the "ranges" directive must be the first directive inside "geo" block
http: geo $g { proxy 127.0.0.1; ranges; 10.0.0.1-10.0.0.1 a; }
http: geo $g { volatile; } => invalid number of the geo parameters
http @1.29.3: geo $g { volatile; default 0; }
http: split_clients $uri $s { 0.5% a; 20% b; * c; }
http: split_clients $uri $s { 50% a; 50% b; }
http: split_clients $uri s { } => invalid variable name "s"
http: split_clients $uri $s { 50 a; } => invalid percent value "50"
http: split_clients $uri $s { 0% a; } => invalid percent value "0%"
http: split_clients $uri $s { 0.001% a; } => invalid percent value "0.001%"
http: split_clients $uri $s { .5% a; 5.% b; }
http: split_clients $uri $s { default a; } => invalid percent value "default"
http: split_clients $uri $s { % a; } => invalid percent value "%"
http: split_clients $uri $s { 60% a; 41% b; } => percent total is greater than 100%
http: split_clients $uri $s { * a; 1% b; } => percent total is greater than 100%
http: split_clients $uri $s { * a; * b; }
http: split_clients $uri $s { 1,5% a; } => invalid percent value "1,5%"
http: types { text/html html htm; text/plain; }
http: types { include; } => invalid number of arguments in "include" directive
http: types { include a b; } => invalid number of arguments in "include" directive
http: types { text/html { } } => unexpected "{"
http: types { }
)rows");
}

TEST_CASE("nginx's own words for what modules refuse that are loaded") {
    check_table(R"rows(
location ?: image_filter test;
location ?: image_filter resize 100 -;
location ?: image_filter rotate 90;
location ?: image_filter rotate $arg_a;
location ?: image_filter crop $arg_w 100;
location ?: image_filter on; => invalid parameter "on"
location ?: image_filter resize; => invalid parameter "resize"
location ?: image_filter rotate 45; => invalid parameter "45"
location ?: image_filter resize 100; => invalid parameter "resize"
location ?: image_filter resize 0 100; => invalid parameter "0"
location ?: image_filter crop 10 x; => invalid parameter "x"
location ?: image_filter scale 10 10; => invalid parameter "scale"
http ?: image_filter_jpeg_quality 75;
http ?: image_filter_jpeg_quality $arg_q;
http ?: image_filter_jpeg_quality 0; => invalid value "0"
http ?: image_filter_webp_quality x; => invalid value "x"
http ?: image_filter_sharpen 0;
http ?: image_filter_sharpen -; => invalid value "-"
http ?: geoip_country ./GeoIP.dat utf8;
http ?: geoip_country ./GeoIP.dat utf-8; => invalid parameter "utf-8"
http ?: perl_set $p 'sub { return 1; }';
http ?: perl_set p 'sub { return 1; }'; => invalid variable name "p"
http ?: degradation sbrk=500m;
http ?: degradation sbrk=x; => invalid sbrk size "sbrk=x"
http ?: degradation on; => invalid parameter "on"
)rows");
}

TEST_CASE("parameters that nginx Plus alone has are refused of open source only") {
    constexpr std::array<std::string_view, 4> rows = {
        "upstream: server 127.0.0.1:80 slow_start=30s resolve drain;",
        "upstream: random two least_time=last_byte;",
        "http: proxy_cache_path /c keys_zone=a:1m purger=on purger_files=5;",
        "http: resolver 127.0.0.1 status_zone=dns;",
    };
    constexpr Version version{1, 22, 1};
    for (const std::string_view text : rows) {
        CAPTURE(text);
        const Row row = parse_row(text);
        CHECK(refusal_of(row, {version, Edition::plus}).empty());
        CHECK(refusal_of(row, {version, std::nullopt}).empty());
        CHECK(refusal_of(row, {}).empty());
    }
    CHECK(refusal_of(parse_row(rows[1]), {version, Edition::open_source}) ==
          "invalid parameter \"least_time=last_byte\"");
    CHECK(refusal_of(parse_row(rows[2]), {version, Edition::open_source}) ==
          "invalid parameter \"purger=on\"");
}

TEST_CASE("a block of data whose lines are not all known is not judged by their order") {
    const std::vector<std::string_view> arguments = {"$g"};
    RowReader reader(DirectiveId::geo, arguments, std::nullopt, false);
    const std::vector<std::string_view> network = {"10.0.0.1-10.0.0.2", "a"};
    const std::vector<std::string_view> ranges = {"ranges"};
    CHECK_FALSE(reader.read(network));
    CHECK_FALSE(reader.read(ranges));
    const std::vector<std::string_view> wrong = {"10.0.0.2-10.0.0.1", "a"};
    CHECK(reader.read(wrong));
}

}  // namespace gatelint
