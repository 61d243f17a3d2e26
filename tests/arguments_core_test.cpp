#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nginx/arguments/arguments.hpp"

namespace gatelint {

namespace {

/// A directive in a context, and the words with which nginx refuses it; none where it does not.
struct Row {
    Contexts context;
    std::string_view line;
    std::string_view nginx = {};
};

/// The words of a line; `""` is an empty one.
std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const std::size_t blank = std::min(line.find(' '), line.size());
        const std::string_view word = line.substr(0, blank);
        words.push_back(word == R"("")" ? std::string_view() : word);
        line.remove_prefix(std::min(blank + 1, line.size()));
    }
    return words;
}

/// nginx's words, "accepted", or why there is no such directive.
std::string judge(Contexts context, std::string_view line, std::optional<Version> version) {
    const std::vector<std::string_view> words = words_of(line);
    const std::span<const std::string_view> texts = std::span(words).subspan(1);
    for (const DirectiveForm& form : forms_of(directive_id(words[0]))) {
        if ((form.contexts & context) == 0 || !takes(form, texts.size())) continue;
        if (!is_in(form, version)) continue;
        const auto error = check_arguments({form, texts, context, version, std::nullopt});
        if (!error) return "accepted";
        CHECK(error->argument <= texts.size());
        return error->nginx;
    }
    return "no such directive";
}

void check_rows(std::span<const Row> rows, std::optional<Version> version) {
    for (const Row& row : rows) {
        CAPTURE(row.line);
        const std::string_view expected = row.nginx.empty() ? "accepted" : row.nginx;
        CHECK(judge(row.context, row.line, version) == expected);
    }
}

constexpr Version reference{1, 22, 1};

// What nginx 1.22.1 itself says of every one of these lines.

constexpr auto core_rows = std::to_array<Row>({
    {in_main, "worker_processes auto"},
    {in_main, "worker_processes 4"},
    {in_main, "worker_processes 0"},
    {in_main, "worker_processes Auto", R"("worker_processes" directive invalid value)"},
    {in_main, "worker_processes -1", R"("worker_processes" directive invalid value)"},
    {in_main, "worker_processes 4k", R"("worker_processes" directive invalid value)"},
    {in_main, R"(worker_processes "")", R"("worker_processes" directive invalid value)"},
    {in_main, "worker_priority -10"},
    {in_main, "worker_priority +5"},
    {in_main, "worker_priority 0"},
    {in_main, "worker_priority -", R"("worker_priority" directive invalid number)"},
    {in_main, "worker_priority --5", R"("worker_priority" directive invalid number)"},
    {in_main, "worker_priority high", R"("worker_priority" directive invalid number)"},
    {in_main, R"(worker_priority "")", R"("worker_priority" directive invalid number)"},
    {in_main, "worker_cpu_affinity auto"},
    {in_main, "worker_cpu_affinity auto 0011"},
    {in_main, "worker_cpu_affinity 0001 0010 0100 1000"},
    {in_main, R"(worker_cpu_affinity "")"},
    {in_main, "worker_cpu_affinity auto 01 10",
     R"(invalid number of arguments in "worker_cpu_affinity" directive)"},
    {in_main, "worker_cpu_affinity 01 auto", R"(invalid character "o" in "worker_cpu_affinity")"},
    {in_main, "worker_cpu_affinity 0x3", R"(invalid character "3" in "worker_cpu_affinity")"},
    {in_main, "worker_cpu_affinity 2", R"(invalid character "2" in "worker_cpu_affinity")"},
    {in_main, "worker_cpu_affinity auto x", R"(invalid character "x" in "worker_cpu_affinity")"},
    {in_main, "worker_rlimit_nofile 65535"},
    {in_main, "worker_rlimit_nofile 64k", R"("worker_rlimit_nofile" directive invalid number)"},
    {in_main, "worker_rlimit_core 1g"},
    {in_main, "worker_rlimit_core 1.5g", R"("worker_rlimit_core" directive invalid value)"},
    {in_main, "worker_shutdown_timeout 10s"},
    {in_main, "worker_shutdown_timeout 10sec",
     R"("worker_shutdown_timeout" directive invalid value)"},
    {in_main, "timer_resolution 100ms"},
    {in_main, "timer_resolution 100 ms", "no such directive"},
    {in_main, "timer_resolution fast", R"("timer_resolution" directive invalid value)"},
    {in_main, "daemon On"},
    {in_main, "daemon yes",
     R"(invalid value "yes" in "daemon" directive, it must be "on" or "off")"},
    {in_main, "pcre_jit on"},
    {in_main, "pcre_jit 1",
     R"(invalid value "1" in "pcre_jit" directive, it must be "on" or "off")"},
    {in_main, "debug_points Abort"},
    {in_main, "debug_points continue", R"(invalid value "continue")"},
    {in_main, "env TZ"},
    {in_main, "env PATH=/bin"},
    {in_main, "thread_pool files threads=16"},
    {in_main, "thread_pool files threads=16 max_queue=0"},
    {in_main, "thread_pool files threads=16 queue=9"},
    {in_main, "thread_pool default threads=8"},
    {in_main, "thread_pool files threads=0", R"(invalid threads value "threads=0")"},
    {in_main, "thread_pool files threads=", R"(invalid threads value "threads=")"},
    {in_main, "thread_pool files thread=8", R"("thread_pool" must have "threads" parameter)"},
    {in_main, "thread_pool files max_queue=9", R"("thread_pool" must have "threads" parameter)"},
    {in_main, "thread_pool files threads=8 max_queue=1k",
     R"(invalid max_queue value "max_queue=1k")"},
});

constexpr auto error_log_rows = std::to_array<Row>({
    {in_main, "error_log stderr"},
    {in_main, "error_log logs/error.log debug"},
    {in_main, "error_log logs/error.log warn"},
    {in_main, "error_log logs/error.log debug_core debug_http"},
    {in_main, "error_log logs/error.log debug_stream debug_mail debug_alloc debug_mutex"},
    {in_main, "error_log logs/error.log Warn", R"(invalid log level "Warn")"},
    {in_main, "error_log logs/error.log warning", R"(invalid log level "warning")"},
    {in_main, R"(error_log logs/error.log "")", R"(invalid log level "")"},
    {in_main, "error_log logs/error.log main", R"(invalid log level "main")"},
    {in_main, "error_log logs/error.log debug_mysql", R"(invalid log level "debug_mysql")"},
    {in_main, "error_log logs/error.log warn error", R"(duplicate log level "error")"},
    {in_main, "error_log logs/error.log warn warn", R"(duplicate log level "warn")"},
    {in_main, "error_log logs/error.log debug_core warn", R"(duplicate log level "warn")"},
    {in_main, "error_log logs/error.log warn debug_core", R"(invalid log level "debug_core")"},
    {in_main, "error_log memory:32m debug"},
    {in_main, "error_log memory:2099", R"(invalid buffer size "2099")"},
    {in_main, "error_log memory:", R"(invalid buffer size "")"},
    {in_main, "error_log memory:1g debug", R"(invalid buffer size "1g")"},
    {in_main, "error_log syslog:server=127.0.0.1 debug"},
    {in_main,
     "error_log syslog:server=127.0.0.1:1514,facility=local7,tag=nginx,severity=info,nohostname"},
    {in_main, "error_log syslog:server=unix:/tmp/log,nohostname,nohostname warn"},
    {in_main, "error_log syslog:server=127.0.0.1,tag="},
    {in_main, "error_log syslog:", R"(unknown syslog parameter "")"},
    {in_main, "error_log syslog:server=127.0.0.1,", R"(unknown syslog parameter "")"},
    {in_main, "error_log syslog:tag=nginx", "no syslog server specified"},
    {in_main, "error_log syslog:server=127.0.0.1,facility=local8",
     R"(unknown syslog facility "local8")"},
    {in_main, "error_log syslog:server=127.0.0.1,severity=warning",
     R"(unknown syslog severity "warning")"},
    {in_main, "error_log syslog:server=127.0.0.1,tag=my-nginx",
     R"(syslog "tag" only allows alphanumeric characters and underscore)"},
    {in_main, "error_log syslog:server=127.0.0.1,tag=a23456789012345678901234567890123",
     "syslog tag length exceeds 32"},
    {in_main, "error_log syslog:server=127.0.0.1,tag=a2345678901234567890123456789012"},
    {in_main, "error_log syslog:server=127.0.0.1,server=127.0.0.2", R"(duplicate syslog "server")"},
    {in_main, "error_log syslog:server=127.0.0.1,tag=a,tag=b", R"(duplicate syslog "tag")"},
    {in_main, "error_log syslog:server=127.0.0.1,facility=user,facility=user",
     R"(duplicate syslog "facility")"},
    {in_main, "error_log syslog:server=127.0.0.1,severity=info,severity=info",
     R"(duplicate syslog "severity")"},
    {in_main, "error_log syslog:server=127.0.0.1,level=info",
     R"(unknown syslog parameter "level=info")"},
    {in_main, "error_log syslog:server=127.0.0.1 verbose", R"(invalid log level "verbose")"},
    {in_http, "error_log logs/error.log warning", R"(invalid log level "warning")"},
    {in_server, "error_log logs/error.log crit"},
    {in_location, "error_log logs/error.log crit notice", R"(duplicate log level "notice")"},
    {in_stream, "error_log logs/error.log warning", R"(invalid log level "warning")"},
    {in_stream_server, "error_log syslog:server=127.0.0.1,tag=a.b",
     R"(syslog "tag" only allows alphanumeric characters and underscore)"},
    {in_mail, "error_log logs/error.log info"},
    {in_mail_server, "error_log logs/error.log fatal", R"(invalid log level "fatal")"},
});

constexpr auto event_rows = std::to_array<Row>({
    {in_events, "use epoll"},
    {in_events, "use Epoll", R"(invalid event type "Epoll")"},
    {in_events, "use io_uring", R"(invalid event type "io_uring")"},
    {in_events, "use rtsig", R"(invalid event type "rtsig")"},
    {in_events, R"(use "")", R"(invalid event type "")"},
    {in_events, "worker_connections 1024"},
    {in_events, "worker_connections 1k", R"(invalid number "1k")"},
    {in_events, "worker_connections auto", R"(invalid number "auto")"},
    {in_events, "worker_connections -5", R"(invalid number "-5")"},
    {in_events, "multi_accept on"},
    {in_events, "multi_accept true",
     R"(invalid value "true" in "multi_accept" directive, it must be "on" or "off")"},
    {in_events, "accept_mutex_delay 500ms"},
    {in_events, "accept_mutex_delay 0.5s", R"("accept_mutex_delay" directive invalid value)"},
    {in_events, "worker_aio_requests 64"},
    {in_events, "worker_aio_requests many", R"("worker_aio_requests" directive invalid number)"},
    {in_events, "debug_connection 127.0.0.1"},
});

constexpr auto listen_rows = std::to_array<Row>({
    {in_stream_server, "listen 127.0.0.1:9001"},
    {in_stream_server, "listen 127.0.0.1:9001 udp reuseport"},
    {in_stream_server, "listen 127.0.0.1:9001 bind backlog=128 rcvbuf=64k sndbuf=1m"},
    {in_stream_server, "listen 127.0.0.1:9001 fastopen=30 so_keepalive=on"},
    {in_stream_server, "listen 127.0.0.1:9001 so_keepalive=30m::10"},
    {in_stream_server, "listen 127.0.0.1:9001 so_keepalive=::1"},
    {in_stream_server, "listen 127.0.0.1:9001 so_keepalive=1h"},
    {in_stream_server, "listen 127.0.0.1:9001 proxy_protocol ipv6only=on"},
    {in_stream_server, "listen 127.0.0.1:9001 tcp", R"(the invalid "tcp" parameter)"},
    {in_stream_server, "listen 127.0.0.1:9001 UDP", R"(the invalid "UDP" parameter)"},
    {in_stream_server, "listen 127.0.0.1:9001 http2", R"(the invalid "http2" parameter)"},
    {in_stream_server, "listen 127.0.0.1:9001 default_server",
     R"(the invalid "default_server" parameter)"},
    {in_stream_server, "listen 127.0.0.1:9001 deferred", R"(the invalid "deferred" parameter)"},
    {in_stream_server, "listen 127.0.0.1:9001 multipath", R"(the invalid "multipath" parameter)"},
    {in_stream_server, "listen 127.0.0.1:9001 setfib=1", R"(the invalid "setfib=1" parameter)"},
    {in_stream_server, "listen 127.0.0.1:9001 backlog=0", R"(invalid backlog "backlog=0")"},
    {in_stream_server, "listen 127.0.0.1:9001 backlog=-1", R"(invalid backlog "backlog=-1")"},
    {in_stream_server, "listen 127.0.0.1:9001 backlog", R"(the invalid "backlog" parameter)"},
    {in_stream_server, "listen 127.0.0.1:9001 fastopen=", R"(invalid fastopen "fastopen=")"},
    {in_stream_server, "listen 127.0.0.1:9001 rcvbuf=1g", R"(invalid rcvbuf "rcvbuf=1g")"},
    {in_stream_server, "listen 127.0.0.1:9001 sndbuf=x", R"(invalid sndbuf "sndbuf=x")"},
    {in_stream_server, "listen 127.0.0.1:9001 ipv6only=yes",
     R"(the invalid "ipv6only=yes" parameter)"},
    {in_stream_server, "listen 127.0.0.1:9001 ipv6only=of", R"(invalid ipv6only flags "of")"},
    {in_stream_server, "listen 127.0.0.1:9001 so_keepalive=", R"(invalid so_keepalive value: "")"},
    {in_stream_server,
     "listen 127.0.0.1:9001 so_keepalive=::", R"(invalid so_keepalive value: "::")"},
    {in_stream_server, "listen 127.0.0.1:9001 so_keepalive=0:0:0",
     R"(invalid so_keepalive value: "0:0:0")"},
    {in_stream_server, "listen 127.0.0.1:9001 so_keepalive=1:2:3:4",
     R"(invalid so_keepalive value: "1:2:3:4")"},
    {in_stream_server, "listen 127.0.0.1:9001 so_keepalive=100ms",
     R"(invalid so_keepalive value: "100ms")"},
    {in_stream_server, "listen 127.0.0.1:9001 udp backlog=5",
     R"("listen" directive "backlog" parameter is incompatible with "udp")"},
    {in_stream_server, "listen 127.0.0.1:9001 ssl udp",
     R"("listen" directive "ssl" parameter is incompatible with "udp")"},
    {in_stream_server, "listen 127.0.0.1:9001 udp so_keepalive=off",
     R"("listen" directive "so_keepalive" parameter is incompatible with "udp")"},
    {in_stream_server, "listen 127.0.0.1:9001 udp proxy_protocol",
     R"("listen" directive "proxy_protocol" parameter is incompatible with "udp")"},
    {in_stream_server, "listen 127.0.0.1:9001 udp fastopen=1",
     R"("listen" directive "fastopen" parameter is incompatible with "udp")"},
    {in_stream_server, "listen 127.0.0.1:9001 udp fastopen=1 ssl backlog=9",
     R"("listen" directive "backlog" parameter is incompatible with "udp")"},
    {in_mail_server, "listen 127.0.0.1:9001 bind backlog=128 rcvbuf=64k sndbuf=1m"},
    {in_mail_server, "listen 127.0.0.1:9001 so_keepalive=off proxy_protocol"},
    {in_mail_server, "listen 127.0.0.1:9001 reuseport", R"(the invalid "reuseport" parameter)"},
    {in_mail_server, "listen 127.0.0.1:9001 fastopen=1", R"(the invalid "fastopen=1" parameter)"},
    {in_mail_server, "listen 127.0.0.1:9001 starttls", R"(the invalid "starttls" parameter)"},
    {in_mail_server, "listen 127.0.0.1:9001 backlog=0", R"(invalid backlog "backlog=0")"},
    {in_mail_server, "listen 127.0.0.1:9001 rcvbuf=64kb", R"(invalid rcvbuf "rcvbuf=64kb")"},
    {in_mail_server, "listen 127.0.0.1:9001 ipv6only=oh", R"(invalid ipv6only flags "oh")"},
    {in_mail_server, "listen 127.0.0.1:9001 so_keepalive=yes",
     R"(invalid so_keepalive value: "yes")"},
});

constexpr auto upstream_rows = std::to_array<Row>({
    {in_stream_upstream, "server 127.0.0.1:1 weight=5 max_conns=10 max_fails=0 fail_timeout=5s"},
    {in_stream_upstream, "server 127.0.0.1:1 backup down"},
    {in_stream_upstream, "server 127.0.0.1:1 weight=0", R"(invalid parameter "weight=0")"},
    {in_stream_upstream, "server 127.0.0.1:1 weight=1.5", R"(invalid parameter "weight=1.5")"},
    {in_stream_upstream, "server 127.0.0.1:1 max_fails=-1", R"(invalid parameter "max_fails=-1")"},
    {in_stream_upstream, "server 127.0.0.1:1 max_conns=", R"(invalid parameter "max_conns=")"},
    {in_stream_upstream, "server 127.0.0.1:1 fail_timeout=500ms",
     R"(invalid parameter "fail_timeout=500ms")"},
    {in_stream_upstream, "server 127.0.0.1:1 Backup", R"(invalid parameter "Backup")"},
    {in_stream_upstream, "server 127.0.0.1:1 check", R"(invalid parameter "check")"},
    {in_stream_upstream, "server 127.0.0.1:1 fail_timeout", R"(invalid parameter "fail_timeout")"},
    {in_stream_upstream, "hash $remote_addr"},
    {in_stream_upstream, "hash $remote_addr consistent"},
    {in_stream_upstream, "hash $remote_addr ketama", R"(invalid parameter "ketama")"},
    {in_stream_upstream, "least_conn"},
    {in_stream_upstream, "random"},
    {in_stream_upstream, "random two"},
    {in_stream_upstream, "random two least_conn"},
    {in_stream_upstream, "random three", R"(invalid parameter "three")"},
    {in_stream_upstream, "random least_conn", R"(invalid parameter "least_conn")"},
    {in_stream_upstream, "random two most_conn", R"(invalid parameter "most_conn")"},
    {in_stream_upstream, "zone backends 64k"},
    {in_stream_upstream, "zone backends 32k"},
    {in_stream_upstream, "zone backends 1g", R"(invalid zone size "1g")"},
    {in_stream_upstream, R"(zone "" 64k)", R"(invalid zone name "")"},
});

constexpr auto stream_rows = std::to_array<Row>({
    {in_stream, "limit_conn_zone $binary_remote_addr zone=one:32k"},
    {in_stream, "limit_conn_zone $binary_remote_addr zone=one", R"(invalid zone size "zone=one")"},
    {in_stream,
     "limit_conn_zone $binary_remote_addr zone=one:", R"(invalid zone size "zone=one:")"},
    {in_stream, "limit_conn_zone $binary_remote_addr zone=one:4k",
     R"(zone "zone=one:4k" is too small)"},
    {in_stream, "limit_conn_zone $binary_remote_addr zone=:10m",
     R"("limit_conn_zone" must have "zone" parameter)"},
    {in_stream, "limit_conn_zone $binary_remote_addr one:10m", R"(invalid parameter "one:10m")"},
    {in_stream, "limit_conn addr 1"},
    {in_stream_server, "limit_conn addr 65535"},
    {in_stream_server, "limit_conn addr 65536", "connection limit must be less 65536"},
    {in_stream_server, "limit_conn addr 0", R"(invalid number of connections "0")"},
    {in_stream_server, "limit_conn addr ten", R"(invalid number of connections "ten")"},
    {in_stream, "limit_conn_log_level warn"},
    {in_stream, "limit_conn_log_level debug", R"(invalid value "debug")"},
    {in_stream, "log_format one escape=json $remote_addr"},
    {in_stream, "log_format one escape=none $remote_addr"},
    {in_stream, "log_format one escape=default"},
    {in_stream, "log_format one $remote_addr escape=xml"},
    {in_stream, "log_format one escape=xml $remote_addr", R"(unknown log format escaping "xml")"},
    {in_stream, "log_format one escape= $remote_addr", R"(unknown log format escaping "")"},
    {in_stream, "access_log off"},
    {in_stream, "access_log logs/a.log main"},
    {in_stream, "access_log logs/a.log MAIN buffer=32k flush=5s gzip=9 if=$status"},
    {in_stream_server, "access_log logs/a.log main gzip flush=1ms"},
    {in_stream_server, "access_log logs/$hostname.log main"},
    {in_stream, "access_log syslog:server=127.0.0.1 main"},
    {in_stream, "access_log logs/a.log", "log format is not specified"},
    {in_stream, "access_log syslog:server=127.0.0.1", "log format is not specified"},
    {in_stream, "access_log syslog:facility=user main", "no syslog server specified"},
    {in_stream, "access_log off main", R"(invalid parameter "main")"},
    {in_stream, "access_log logs/a.log main buffer=0", R"(invalid buffer size "0")"},
    {in_stream, "access_log logs/a.log main buffer=1g", R"(invalid buffer size "1g")"},
    {in_stream, "access_log logs/a.log main buffer=1k flush=0", R"(invalid flush time "0")"},
    {in_stream, "access_log logs/a.log main buffer=1k flush=x", R"(invalid flush time "x")"},
    {in_stream, "access_log logs/a.log main gzip=0", R"(invalid compression level "0")"},
    {in_stream, "access_log logs/a.log main gzip=10", R"(invalid compression level "10")"},
    {in_stream, "access_log logs/a.log main gzip=", R"(invalid compression level "")"},
    {in_stream, "access_log logs/a.log main gzipped", R"(invalid parameter "gzipped")"},
    {in_stream, "access_log logs/a.log main flush=1s",
     R"(no buffer is defined for access_log "logs/a.log")"},
    {in_stream, "access_log logs/$hostname.log main buffer=1k",
     "buffered logs cannot have variables in name"},
    {in_stream, "access_log syslog:server=127.0.0.1 main buffer=1k",
     "logs to syslog cannot be buffered"},
    {in_stream, "open_log_file_cache off"},
    {in_stream, "open_log_file_cache max=100 inactive=20s min_uses=2 valid=1m"},
    {in_stream, "open_log_file_cache inactive=20s",
     R"("open_log_file_cache" must have "max" parameter)"},
    {in_stream, "open_log_file_cache max=x", R"(invalid "open_log_file_cache" parameter "max=x")"},
    {in_stream, "open_log_file_cache max=9 valid=1ms",
     R"(invalid "open_log_file_cache" parameter "valid=1ms")"},
    {in_stream, "open_log_file_cache on", R"(invalid "open_log_file_cache" parameter "on")"},
    {in_stream, "map $remote_addr $a"},
    {in_stream, "map $remote_addr a", R"(invalid variable name "a")"},
    {in_stream, "map $remote_addr $", R"(invalid variable name "$")"},
    {in_stream, "geo $a"},
    {in_stream, "geo $remote_addr $a"},
    {in_stream, "geo a", R"(invalid variable name "a")"},
    {in_stream, "geo remote_addr $a", R"(invalid variable name "remote_addr")"},
    {in_stream, "geo $remote_addr a", R"(invalid variable name "a")"},
    {in_stream, "split_clients $remote_addr $a"},
    {in_stream, "split_clients $remote_addr a", R"(invalid variable name "a")"},
    {in_stream_server, "set $a b"},
    {in_stream_server, "set a b", R"(invalid variable name "a")"},
    {in_stream_server, R"(set "" b)", R"(invalid variable name "")"},
    {in_stream_server, R"(return "")"},
    {in_stream_server, "return 200"},
    {in_stream, "resolver 127.0.0.1 valid=30s ipv6=off"},
    {in_stream, "resolver 127.0.0.1 valid=30ms", "invalid parameter: valid=30ms"},
    {in_stream_server, "resolver 127.0.0.1 ipv6=no", "invalid parameter: ipv6=no"},
    {in_stream_server, "resolver valid=30s", "no name servers defined"},
    {in_stream, "resolver_timeout 5"},
    {in_stream, "resolver_timeout 5x", R"("resolver_timeout" directive invalid value)"},
    {in_stream, "preread_buffer_size 16k"},
    {in_stream, "preread_buffer_size 16kb", R"("preread_buffer_size" directive invalid value)"},
    {in_stream_server, "proxy_protocol_timeout 30s"},
    {in_stream_server, "tcp_nodelay maybe",
     R"(invalid value "maybe" in "tcp_nodelay" directive, it must be "on" or "off")"},
    {in_stream, "variables_hash_max_size 2k",
     R"("variables_hash_max_size" directive invalid number)"},
    {in_stream_server, "ssl_preread yes",
     R"(invalid value "yes" in "ssl_preread" directive, it must be "on" or "off")"},
});

constexpr auto stream_proxy_rows = std::to_array<Row>({
    {in_stream_server, "proxy_bind off"},
    {in_stream_server, "proxy_bind 127.0.0.1 transparent"},
    {in_stream_server, "proxy_bind $remote_addr transparent"},
    {in_stream_server, "proxy_bind 127.0.0.1 Transparent", R"(invalid parameter "Transparent")"},
    {in_stream_server, "proxy_upload_rate 10k"},
    {in_stream_server, "proxy_upload_rate $a"},
    {in_stream_server, "proxy_upload_rate 10kb", R"("proxy_upload_rate" directive invalid value)"},
    {in_stream_server, "proxy_download_rate fast",
     R"("proxy_download_rate" directive invalid value)"},
    {in_stream_server, "proxy_timeout 10m"},
    {in_stream_server, "proxy_timeout 10min", R"("proxy_timeout" directive invalid value)"},
    {in_stream_server, "proxy_connect_timeout -1",
     R"("proxy_connect_timeout" directive invalid value)"},
    {in_stream_server, "proxy_requests one", R"("proxy_requests" directive invalid number)"},
    {in_stream_server, "proxy_responses 0"},
    {in_stream_server, "proxy_buffer_size 16g", R"("proxy_buffer_size" directive invalid value)"},
    {in_stream_server, "proxy_next_upstream error",
     R"(invalid value "error" in "proxy_next_upstream" directive, it must be "on" or "off")"},
    {in_stream_server, "proxy_next_upstream_tries -1",
     R"("proxy_next_upstream_tries" directive invalid number)"},
    {in_stream_server, "proxy_protocol v2",
     R"(invalid value "v2" in "proxy_protocol" directive, it must be "on" or "off")"},
    {in_stream_server, "proxy_ssl_protocols TLSv1.2 TLSv1.3"},
    {in_stream_server, "proxy_ssl_protocols TLS1.2", R"(invalid value "TLS1.2")"},
    {in_stream_server, "proxy_ssl_verify_depth x",
     R"("proxy_ssl_verify_depth" directive invalid number)"},
});

constexpr auto stream_ssl_rows = std::to_array<Row>({
    {in_stream, "ssl_session_cache shared:one:32k"},
    {in_stream_server, "ssl_session_cache builtin:1000 shared:SSL:10m"},
    {in_stream, "ssl_session_cache none"},
    {in_stream, "ssl_session_cache shared:one", R"(invalid session cache "shared:one")"},
    {in_stream, "ssl_session_cache shared::10m", R"(invalid session cache "shared::10m")"},
    {in_stream, "ssl_session_cache shared:one:1g", R"(invalid session cache "shared:one:1g")"},
    {in_stream, "ssl_session_cache shared:one:31k",
     R"(session cache "shared:one:31k" is too small)"},
    {in_stream, "ssl_session_cache on", R"(invalid session cache "on")"},
    {in_stream, "ssl_session_cache builtin:", R"(invalid session cache "builtin:")"},
    {in_stream, "ssl_session_cache off shared", R"(invalid session cache "shared")"},
    {in_stream, "ssl_session_timeout 1d"},
    {in_stream, "ssl_session_timeout 100ms", R"("ssl_session_timeout" directive invalid value)"},
    {in_stream, "ssl_verify_client optional_no_ca"},
    {in_stream, "ssl_verify_client maybe", R"(invalid value "maybe")"},
    {in_stream, "ssl_alpn h2 http/1.1"},
    {in_stream, "ssl_protocols SSLv2 TLSv1"},
    {in_stream, "ssl_protocols TLSv1.4", R"(invalid value "TLSv1.4")"},
    {in_stream, "ssl_handshake_timeout 1", {}},
});

constexpr auto mail_rows = std::to_array<Row>({
    {in_mail_server, "protocol imap"},
    {in_mail_server, "protocol smtp"},
    {in_mail_server, "protocol IMAP", R"(unknown protocol "IMAP")"},
    {in_mail_server, "protocol imaps", R"(unknown protocol "imaps")"},
    {in_mail, "starttls off"},
    {in_mail, "starttls OFF"},
    {in_mail, "starttls yes", R"(invalid value "yes")"},
    {in_mail_server, "starttls must", R"(invalid value "must")"},
    {in_mail, "imap_auth plain login cram-md5 external"},
    {in_mail, "imap_auth none", R"(invalid value "none")"},
    {in_mail, "pop3_auth plain apop cram-md5 external"},
    {in_mail, "pop3_auth login", R"(invalid value "login")"},
    {in_mail, "smtp_auth login PLAIN cram-md5 external none"},
    {in_mail, "smtp_auth xoauth2", R"(invalid value "xoauth2")"},
    {in_mail, R"(imap_capabilities IMAP4rev1 "")"},
    {in_mail, "imap_client_buffer 4kb", R"("imap_client_buffer" directive invalid value)"},
    {in_mail, "smtp_greeting_delay soon", R"("smtp_greeting_delay" directive invalid value)"},
    {in_mail, "auth_http_timeout 60s"},
    {in_mail, "auth_http_timeout 1y", R"("auth_http_timeout" directive invalid value)"},
    {in_mail, "auth_http_header X-Key value"},
    {in_mail, "timeout 1 m", "no such directive"},
    {in_mail, "timeout 1min", R"("timeout" directive invalid value)"},
    {in_mail, "xclient true",
     R"(invalid value "true" in "xclient" directive, it must be "on" or "off")"},
    {in_mail, "ssl off"},
    {in_mail, "ssl true", R"(invalid value "true" in "ssl" directive, it must be "on" or "off")"},
    {in_http, "ssl 1", R"(invalid value "1" in "ssl" directive, it must be "on" or "off")"},
    {in_mail, "ssl on off", "no such directive"},
    {in_mail, "proxy_protocol v2",
     R"(invalid value "v2" in "proxy_protocol" directive, it must be "on" or "off")"},
    {in_mail, "max_errors -1", R"("max_errors" directive invalid number)"},
    {in_mail, "resolver off"},
    {in_mail, "resolver off valid=x"},
    {in_mail, "resolver 127.0.0.1 valid=x", "invalid parameter: valid=x"},
    {in_mail, "ssl_session_cache shared:mail:10m"},
    {in_mail, "ssl_session_cache shared:mail", R"(invalid session cache "shared:mail")"},
    {in_mail_server, "ssl_session_cache shared:mail:8k",
     R"(session cache "shared:mail:8k" is too small)"},
    {in_mail, "proxy_buffer 4kb", R"("proxy_buffer" directive invalid value)"},
});

// What other platforms, other versions or an unknown one make of a line.

constexpr auto platform_rows = std::to_array<Row>({
    {in_events, "use poll"},
    {in_events, "use kqueue"},
    {in_events, "use /dev/poll"},
});

constexpr auto newest_rows = std::to_array<Row>({
    {in_stream_server, "listen 9001 default_server setfib=1 accept_filter=x deferred multipath"},
    {in_stream_server, "listen 9001 tcp", R"(invalid parameter "tcp")"},
    {in_stream_server, "listen 9001 udp deferred",
     R"("listen" directive "deferred" parameter is incompatible with "udp")"},
    {in_mail_server, "listen 9001 multipath"},
    {in_mail_server, "listen 9001 deferred", R"(invalid parameter "deferred")"},
    {in_stream_upstream, "server a:1 resolve service=x"},
    {in_stream_upstream, "server a service=x",
     R"(service upstream "a" requires "resolve" parameter)"},
    {in_stream_upstream, "server a:1 service=", "service is empty"},
    {in_stream_upstream, "server a:1 route=x", R"(invalid parameter "route=x")"},
    {in_stream_upstream, "server a:1 drain", R"(invalid parameter "drain")"},
    {in_stream_upstream, "least_time First_byte inflight"},
    {in_stream_upstream, "least_time connect"},
    {in_stream_upstream, "least_time header", R"(invalid value "header")"},
    {in_stream_upstream, "least_time connect header", R"(invalid parameter "header")"},
    {in_stream_upstream, "resolver 127.0.0.1 ipv4=off ipv6=off",
     R"("ipv4" and "ipv6" cannot both be "off")"},
    {in_stream_server, "server_name *.example.com www.example.* ~^a$ $hostname"},
    {in_stream_server, "server_name *", R"(server name "*" is invalid)"},
    {in_stream_server, "server_name a ~", R"(empty regex in server name "~")"},
    {in_stream_server, "ssl_certificate_cache max=10 inactive=1m valid=1h"},
    {in_stream_server, "ssl_certificate_cache max=0", R"(invalid parameter "max=0")"},
    {in_stream_server, "ssl_certificate_cache valid=1h",
     R"("ssl_certificate_cache" must have the "max" parameter)"},
    {in_stream_server, "proxy_ssl_certificate_cache valid=1h",
     R"("proxy_ssl_certificate_cache" must have the "max" parameter)"},
    {in_stream_server, "ssl_ocsp_cache off"},
    {in_stream_server, "ssl_ocsp_cache shared:a:1k", R"(OCSP cache "shared:a:1k" is too small)"},
    {in_stream_server, "ssl_ocsp_cache builtin", R"(invalid OCSP cache "builtin")"},
    {in_stream_server, "ssl_ocsp leaf"},
    {in_stream_server, "proxy_protocol v2"},
    {in_stream_server, "proxy_protocol v3", R"(invalid value "v3")"},
});

constexpr auto unknown_version_rows = std::to_array<Row>({
    {in_stream_server, "listen 9001 default_server deferred"},
    {in_stream_server, "proxy_protocol v2"},
    {in_mail_server, "proxy_protocol v2"},
    {in_mail_server, "listen 9001 multipath"},
    {in_stream_upstream, "server a:1 resolve slow_start=30s"},
    {in_stream_upstream, "random two least_time=connect"},
    {in_stream_upstream, "least_time connect inflight"},
    {in_stream, "error_log a.log debug_mysql"},
    {in_stream_server, "listen 9001 tcp", R"(the invalid "tcp" parameter)"},
});

}  // namespace

TEST_CASE("arguments of the main block and of events are refused in nginx's words") {
    check_rows(core_rows, reference);
    check_rows(error_log_rows, reference);
    check_rows(event_rows, reference);
}

TEST_CASE("what depends on the platform is not refused") {
    check_rows(platform_rows, reference);
}

TEST_CASE("what came after nginx 1.22 is known to later versions, and to an unknown one") {
    check_rows(newest_rows, Version{1, 31, 4});
    check_rows(unknown_version_rows, std::nullopt);
}

TEST_CASE("arguments of stream are refused in nginx's words") {
    check_rows(listen_rows, reference);
    check_rows(upstream_rows, reference);
    check_rows(stream_rows, reference);
    check_rows(stream_proxy_rows, reference);
    check_rows(stream_ssl_rows, reference);
}

TEST_CASE("arguments of mail are refused in nginx's words") {
    check_rows(mail_rows, reference);
}

}  // namespace gatelint
