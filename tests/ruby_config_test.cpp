#include "surroundings/programs/ruby_config.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "surroundings/formats/ruby_statements.hpp"

namespace gatelint {

namespace {

/// One statement a line: `bind ["a", b: 1]`, with `?` before what is not certain.
std::string statements(std::string_view text) {
    std::string lines;
    for (const RubyStatement& one : ruby_statements(text)) {
        lines += fmt::format("{}{}{} [{}]\n", one.is_certain ? "" : "?", one.name,
                             one.is_assignment ? " =" : "", fmt::join(one.arguments, "|"));
    }
    return lines;
}

struct Ruby {
    Ruby() { process.working_directory = "/srv/app"; }

    Listening puma(const std::string& text, std::string_view version = "") {
        const SourceId source = sources.add("puma.rb", text);
        return listen_as_puma("/srv/app/config/puma.rb", source, version, process, reading);
    }
    Listening unicorn(const std::string& text) {
        const SourceId source = sources.add("unicorn.rb", text);
        return listen_as_unicorn("/srv/app/config/unicorn.rb", source, process, reading);
    }

    /// One line for each: `HTTP 127.0.0.1:3000`, `(default)` where it is one, and `...` where
    /// there may be others.
    static std::string text_of(const Listening& listening) {
        std::string lines;
        for (const Listener& one : listening.listeners) {
            lines += fmt::format("{} {}{}\n", name_of(one.speaks), to_string(one.at),
                                 one.is_default ? " (default)" : "");
        }
        return lines + (listening.is_whole ? "" : "...\n");
    }

    Sources sources;
    Arena arena;
    Reading reading{sources, arena};
    Process process;
};

std::string puma(const std::string& text) {
    Ruby ruby;
    return Ruby::text_of(ruby.puma(text));
}

std::string unicorn(const std::string& text) {
    Ruby ruby;
    return Ruby::text_of(ruby.unicorn(text));
}

}  // namespace

TEST_CASE("Ruby's settings are calls and assignments, line by line") {
    CHECK(statements("# a\nport 3000 # b\n\nbind \"tcp://#{a}:1\"; threads 1, 5\n") ==
          "port [3000]\nbind [\"tcp://#{a}:1\"]\nthreads [1|5]\n");
    CHECK(
        statements("listen '/a',\n  # c\n  backlog: 64,\n  x: [1, 2]\nb = 'x'\nc ||= f(1, 2)\n") ==
        "listen ['/a'|backlog: 64|x: [1, 2]]\nb = ['x']\nc = [f(1, 2)]\n");
    CHECK(statements("bind('a')\nstdout_redirect\na.b = 1\n") ==
          "bind ['a']\nstdout_redirect []\na []\n");
    CHECK(statements("=begin\nport 1\n=end\nport 2\n__END__\nport 3\n") == "port [2]\n");
}

TEST_CASE("statements of Ruby in blocks and conditions are not certain") {
    CHECK(statements("if x\n  port 1\nelse\n  port 2\nend\nport 3\n") ==
          "?port [1]\n?else []\n?port [2]\nport [3]\n");
    CHECK(statements("port 1 if ENV['X']\nport 2 unless a\n") == "?port [1]\n?port [2]\n");
    CHECK(statements("on_boot do |s|\n  port 1\nend\nport 2\n") ==
          "on_boot [do |s|]\n?port [1]\nport [2]\n");
}

TEST_CASE("Puma listens where its file says") {
    CHECK(puma("port 3000\n") == "HTTP [::]:3000\n");
    CHECK(puma("port 3000, '127.0.0.1'\n") == "HTTP 127.0.0.1:3000\n");
    CHECK(puma("bind 'tcp://0.0.0.0:9292'\nbind \"unix:///run/puma.sock?umask=0111\"\n") ==
          "HTTP 0.0.0.0:9292\nHTTP unix:/run/puma.sock\n");
    CHECK(puma("ssl_bind '127.0.0.1', '9293', { key: 'k', cert: 'c' }\n") ==
          "HTTPS 127.0.0.1:9293\n");
    CHECK(puma("bind 'ssl://[::1]:9293?key=k&cert=c'\n") == "HTTPS [::1]:9293\n");
    CHECK(puma("bind 'unix://tmp/puma.sock'") == "HTTP unix:/srv/app/tmp/puma.sock\n");
}

TEST_CASE("variables and paths of Puma's file are computed") {
    CHECK(puma("app_dir = File.expand_path('../..', __FILE__)\n"
               "shared_dir = \"#{app_dir}/shared\"\n"
               "bind \"unix://#{shared_dir}/sockets/puma.sock\"\n") ==
          "HTTP unix:/srv/app/shared/sockets/puma.sock\n");
    CHECK(puma("bind \"unix://#{File.join(Dir.pwd, 'tmp', 'p.sock')}\"\n") ==
          "HTTP unix:/srv/app/tmp/p.sock\n");
    CHECK(puma("bind \"unix://#{Rails.root}/p.sock\"\n") == "...\n");
    CHECK(puma("a = '/x'\na = '/y' if z\nbind \"unix://#{a}/p.sock\"\n") == "...\n");
}

TEST_CASE("a port from the environment is a default unless the environment is known") {
    const std::string fetch = "port ENV.fetch(\"PORT\") { 3000 }\n";
    CHECK(puma(fetch) == "HTTP [::]:3000 (default)\n...\n");
    CHECK(puma("port ENV.fetch('PORT', 3000)\n") == "HTTP [::]:3000 (default)\n...\n");
    CHECK(puma("port Integer(ENV['PORT'] || 3000)\n") == "HTTP [::]:3000 (default)\n...\n");
    CHECK(puma("port ENV['PORT']\n") == "...\n");
    Ruby known;
    known.process.knows_environment = true;
    CHECK(Ruby::text_of(known.puma(fetch)) == "HTTP [::]:3000\n");
    known.process.environment["PORT"] = {"5000", {}};
    CHECK(Ruby::text_of(known.puma(fetch)) == "HTTP [::]:5000\n");
}

TEST_CASE("conditional binds of Puma leave it open") {
    CHECK(puma("if ENV['SOCKET']\n  bind 'unix:///a'\nelse\n  port 3000\nend\n") == "...\n");
    CHECK(puma("port 3000\nbind 'unix:///a' if x\n") == "HTTP [::]:3000\n...\n");
    CHECK(puma("threads 5, 5\n") == "...\n");
}

TEST_CASE("Puma keeps connections as long as its file or its version says") {
    Ruby ruby;
    CHECK_FALSE(ruby.puma("port 1").listeners.at(0).idle_timeout);
    CHECK(ruby.puma("port 1", "6.4.2").listeners.at(0).idle_timeout->value == 20'000);
    CHECK(ruby.puma("port 1", "7.0.0").listeners.at(0).idle_timeout->value == 65'000);
    const Listening written = ruby.puma("port 1\npersistent_timeout 75\n", "7.0.0");
    CHECK(written.listeners.at(0).idle_timeout->value == 75'000);
    CHECK(ruby.sources.text(written.listeners.at(0).idle_timeout->span) == "75");
    CHECK(ruby.sources.text(written.listeners.at(0).where) == "1");
    CHECK(locked_gem_version("GEM\n  specs:\n    puma (6.4.2)\n      nio4r (~> 2.0)\n", "puma") ==
          "6.4.2");
    CHECK_FALSE(locked_gem_version("DEPENDENCIES\n  puma (~> 6.0)\n", "puma"));
}

TEST_CASE("sockets of Puma and Unicorn have the mode that the umask leaves") {
    Ruby ruby;
    ruby.process.user = "app";
    const auto mode = [](const Listening& listening) {
        REQUIRE(listening.listeners.at(0).access);
        return listening.listeners.at(0).access->mode;
    };
    CHECK(mode(ruby.puma("bind 'unix:///a'")) == 0755);
    CHECK(mode(ruby.puma("bind 'unix:///a?umask=0111'")) == 0666);
    CHECK(mode(ruby.puma("bind 'unix:///a?mode=0660'")) == 0660);
    CHECK(mode(ruby.unicorn("listen '/a'")) == 0777);
    CHECK(mode(ruby.unicorn("listen '/a', :umask => 0077")) == 0700);
    ruby.process.user.clear();
    CHECK_FALSE(ruby.puma("bind 'unix:///a'").listeners.at(0).access);
}

TEST_CASE("Unicorn listens where its file says") {
    CHECK(unicorn("listen 8080, :tcp_nopush => true\n") == "HTTP 0.0.0.0:8080\n");
    CHECK(unicorn("listen '127.0.0.1:8080'\nlisten '/run/u.sock', :backlog => 64\n") ==
          "HTTP 127.0.0.1:8080\nHTTP unix:/run/u.sock\n");
    CHECK(unicorn("listen \"#{x}/u.sock\"\n") == "...\n");
    CHECK(unicorn("worker_processes 2\n") == "...\n");
}

TEST_CASE("Unicorn's limits are written or its defaults") {
    Ruby ruby;
    const Listener plain = ruby.unicorn("listen 8080").listeners.at(0);
    CHECK(plain.kill_timeout->value == 60'000);
    CHECK(plain.backlog->value == 1024);
    CHECK(plain.children->value == 1);
    const Listener written =
        ruby.unicorn("worker_processes 4\nlisten 8080, backlog: 64\ntimeout 30\n").listeners.at(0);
    CHECK(written.kill_timeout->value == 30'000);
    CHECK(written.backlog->value == 64);
    CHECK(written.children->value == 4);
    CHECK_FALSE(ruby.unicorn("listen 1\ntimeout ENV['T']").listeners.at(0).kill_timeout);
}

TEST_CASE("hostile Ruby ends") {
    CHECK(puma(std::string(50'000, '(') + "\nport 1") == "...\n");
    CHECK(puma("a = " + std::string(50'000, '"')) == "...\n");
    CHECK(puma("bind \"" + std::string(5'000, '#') + "{\"") == "...\n");
    CHECK(puma("=begin") == "...\n");
    std::string bomb = "a0 = 'xxxxxxxxxxxxxxxx'\n";
    for (int i = 1; i < 60; ++i) bomb += fmt::format("a{0} = \"#{{a{1}}}#{{a{1}}}\"\n", i, i - 1);
    CHECK(puma(bomb + "bind a59\n") == "...\n");
}

}  // namespace gatelint
