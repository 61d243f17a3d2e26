#include "surroundings/outcome.hpp"

namespace gatelint {

namespace {

using Program = Listener::Program;

constexpr std::string_view gets_502 = "get 502";

constexpr Outcome closed{
    gets_502, "upstream prematurely closed connection while reading response header from upstream"};
constexpr Outcome reset{
    gets_502,
    "recv() failed (104: Connection reset by peer) while reading response header from upstream"};
constexpr Outcome silent{
    "time out",
    "upstream timed out (110: Connection timed out) while reading response header from upstream"};

/// These wait for the end of a line, where others refuse what is no HTTP at its first byte.
bool reads_lines(const Listener& listener) {
    return listener.program == Program::gunicorn || listener.program == Program::uwsgi;
}

Outcome of_handshake(const Listener& listener) {
    if (listener.speaks != Protocol::http) {
        return {gets_502,
                "peer closed connection in SSL handshake while SSL handshaking to upstream"};
    }
    if (reads_lines(listener)) {
        return {"time out",
                "upstream timed out (110: Connection timed out) while SSL handshaking to upstream"};
    }
    return {gets_502,
            "SSL_do_handshake() failed (SSL: ... wrong version number) while SSL handshaking to "
            "upstream"};
}

/// Of a program that waits for a handshake.
Outcome without_handshake(Protocol spoken, const Listener& listener) {
    if (listener.program == Program::node) return closed;
    // Many answer to what they can read that they want TLS.
    if (spoken == Protocol::http && !reads_lines(listener)) return {"get 400 or 502", ""};
    return reset;
}

Outcome of_http(Protocol spoken, const Listener& listener) {
    if (spoken == Protocol::grpc) {
        return {gets_502,
                "upstream sent too large http2 frame: 4740180 while reading response header from "
                "upstream"};
    }
    const bool is_memcached = spoken == Protocol::memcached;
    if (reads_lines(listener) && !(is_memcached && listener.program != Program::uwsgi)) {
        return silent;
    }
    if (is_memcached) return {gets_502, "memcached sent invalid response from upstream"};
    if (spoken == Protocol::fastcgi) {
        return {gets_502,
                "upstream sent unsupported FastCGI protocol version: 72 while reading response "
                "header from upstream"};
    }
    // uwsgi_pass and scgi_pass take the server's complaint for an answer.
    return {"get 400", ""};
}

}  // namespace

Outcome outcome_of(Protocol spoken, const Listener& listener) {
    const bool both_in_tls = is_tls(spoken) && is_tls(listener.speaks);
    if (spoken == Protocol::suwsgi && both_in_tls) return {"get 400", ""};
    if (is_tls(spoken)) return of_handshake(listener);
    if (is_tls(listener.speaks)) return without_handshake(spoken, listener);
    if (listener.speaks == Protocol::http) return of_http(spoken, listener);
    if (listener.speaks != Protocol::fastcgi) return closed;
    // uWSGI's fastcgi-socket waits for a record that ends.
    const bool resets = listener.program == Program::php_fpm && spoken != Protocol::memcached;
    return resets ? reset : silent;
}

}  // namespace gatelint
