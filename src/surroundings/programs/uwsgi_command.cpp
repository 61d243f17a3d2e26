#include "surroundings/programs/uwsgi.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "surroundings/programs/programs.hpp"

namespace gatelint::programs {

namespace {

/// Letters of options that say where uWSGI listens and what it is, and those that have a value
/// (uwsgi_base_options of core/uwsgi.c).
struct Letter {
    char letter;
    std::string_view name;
    bool takes_value;
};

constexpr std::array letters = {
    Letter{'s', "socket", true},
    Letter{'p', "processes", true},
    Letter{'t', "harakiri", true},
    Letter{'x', "xml", true},
    Letter{'y', "yaml", true},
    Letter{'j', "json", true},
    Letter{'b', "buffer-size", true},
    Letter{'l', "listen", true},
    Letter{'z', "socket-timeout", true},
    Letter{'w', "module", true},
    Letter{'H', "home", true},
    Letter{'d', "daemonize", true},
    Letter{'m', "memory-report", false},
    Letter{'M', "master", false},
    Letter{'T', "enable-threads", false},
    Letter{'L', "disable-logging", false},
    Letter{'i', "single-interpreter", false},
    Letter{'C', "chmod-socket", false},
    Letter{'S', "set", true},
    Letter{'R', "max-requests", true},
    Letter{'q', "queue", true},
};

/// Options without a value, after which a file may stand.
constexpr std::array<std::string_view, 24> flags = {"master",
                                                    "enable-threads",
                                                    "vacuum",
                                                    "die-on-term",
                                                    "lazy-apps",
                                                    "lazy",
                                                    "need-app",
                                                    "thunder-lock",
                                                    "no-site",
                                                    "single-interpreter",
                                                    "disable-logging",
                                                    "http-keepalive",
                                                    "http-auto-chunked",
                                                    "py-autoreload",
                                                    "catch-exceptions",
                                                    "memory-report",
                                                    "strict",
                                                    "log-x-forwarded-for",
                                                    "no-orphans",
                                                    "abstract-socket",
                                                    "chmod-socket",
                                                    "auto-procname",
                                                    "http-raw-body",
                                                    "http-websockets"};

class UwsgiCommand {
  public:
    explicit UwsgiCommand(const std::vector<Value>& words) : words_(words) {
        while (at_ < words_.size()) {
            const Value& word = words_[at_++];
            if (word.text.starts_with("--")) {
                take_long(word);
            } else if (word.text.starts_with('-') && word.text.size() > 1) {
                take_letter(word);
            } else {
                take_file(word);
            }
        }
    }

    std::vector<UwsgiOption> take() { return std::move(options_); }

  private:
    void take_long(const Value& word) {
        const std::size_t equals = word.text.find('=');
        std::string name = word.text.substr(2, equals == std::string::npos ? equals : equals - 2);
        if (equals != std::string::npos) {
            options_.push_back({std::move(name), part_of(word, equals + 1)});
            return;
        }
        const bool is_flag = std::find(flags.begin(), flags.end(), name) != flags.end() ||
                             at_ >= words_.size() || words_[at_].text.starts_with('-');
        Value value = is_flag ? Value{"", word.span} : words_[at_++];
        options_.push_back({std::move(name), std::move(value)});
    }

    void take_letter(const Value& word) {
        const auto* letter = std::find_if(letters.begin(), letters.end(), [&](const Letter& each) {
            return each.letter == word.text[1];
        });
        if (letter == letters.end()) return;
        Value value{"", word.span};
        if (word.text.size() > 2) {
            value = part_of(word, 2);
        } else if (letter->takes_value && at_ < words_.size()) {
            value = words_[at_++];
        }
        options_.push_back({std::string(letter->name), std::move(value)});
    }

    /// A word alone is a file of settings by its ending (uwsgi_setup() of core/uwsgi.c).
    void take_file(const Value& word) {
        constexpr std::array<std::pair<std::string_view, std::string_view>, 6> endings = {
            {{".ini", "ini"},
             {".xml", "xml"},
             {".yml", "yaml"},
             {".yaml", "yaml"},
             {".json", "json"},
             {".js", "json"}}};
        for (const auto& [ending, name] : endings) {
            const std::string_view path =
                std::string_view(word.text).substr(0, word.text.rfind(':'));
            if (path.ends_with(ending)) options_.push_back({std::string(name), word});
        }
    }

    const std::vector<Value>& words_;
    std::size_t at_ = 0;
    std::vector<UwsgiOption> options_;
};

}  // namespace

Listening listen_uwsgi(const Process& process, Reading& reading) {
    const std::vector<Value> words = arguments_of(process);
    return listen_as_uwsgi(UwsgiCommand(words).take(), process, reading);
}

}  // namespace gatelint::programs
