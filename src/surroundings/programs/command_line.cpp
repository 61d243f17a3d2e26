#include "surroundings/programs/command_line.hpp"

#include <algorithm>
#include <optional>

#include "source/unknown.hpp"

namespace gatelint {

namespace {

using Names = std::initializer_list<OptionName>;

// No real command comes near; what is put together must not grow without end.
constexpr std::size_t max_filled_in = 65'536;

const OptionName* find_long(const Names& names, std::string_view name) {
    const auto* found = std::find_if(names.begin(), names.end(), [name](const OptionName& each) {
        return !each.name.empty() && each.name == name;
    });
    return found == names.end() ? nullptr : found;
}

const OptionName* find_letter(const Names& names, char letter) {
    const auto* found = std::find_if(names.begin(), names.end(), [letter](const OptionName& each) {
        return each.letter == letter;
    });
    return found == names.end() ? nullptr : found;
}

/// How the option is asked for: by its name, or its letter where it has no name.
std::string key_of(const OptionName& option) {
    return option.name.empty() ? std::string(1, option.letter) : std::string(option.name);
}

bool is_name_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}

/// A reference to a variable at the beginning of a text.
struct Reference {
    std::string name;
    std::optional<std::string_view> fallback;  ///< of `${NAME:-fallback}`
    bool is_understood = true;
    std::size_t size = 0;  ///< 0: the dollar sign is one
};

Reference read_braced(std::string_view text) {
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) return {};
    const std::string_view inner = text.substr(2, end - 2);
    Reference reference;
    reference.size = end + 1;
    const auto name_end = static_cast<std::size_t>(
        std::find_if_not(inner.begin(), inner.end(), is_name_byte) - inner.begin());
    reference.name = inner.substr(0, name_end);
    const std::string_view rest = inner.substr(name_end);
    if (rest.starts_with(":-")) {
        reference.fallback = rest.substr(2);
    } else if (rest.starts_with("-")) {
        reference.fallback = rest.substr(1);
    }
    reference.is_understood = rest.empty() || reference.fallback.has_value();
    // A fallback that holds a reference of its own.
    if (inner.find('$') != std::string_view::npos) reference.is_understood = false;
    return reference;
}

/// The size of `$(command)` at the beginning of a text.
std::size_t substitution_size(std::string_view text) {
    int depth = 0;
    const auto* end = std::find_if(text.begin(), text.end(), [&depth](char byte) {
        if (byte == '(') ++depth;
        if (byte == ')') --depth;
        return byte == ')' && depth == 0;
    });
    return end == text.end() ? text.size() : static_cast<std::size_t>(end - text.begin()) + 1;
}

Reference read_reference(std::string_view text) {
    if (text.size() < 2) return {};
    if (text[1] == '{') return read_braced(text);
    if (text[1] == '(') return {"", {}, false, substitution_size(text)};
    const auto end = static_cast<std::size_t>(
        std::find_if_not(text.begin() + 1, text.end(), is_name_byte) - text.begin());
    if (end == 1) return {};
    return {std::string(text.substr(1, end - 1)), {}, true, end};
}

std::string value_of(const Reference& reference, const Process& process) {
    std::string unknown(1, unknown_byte);
    if (!reference.is_understood) return unknown;
    const Value* variable = find_variable(process, reference.name);
    if (variable != nullptr && !variable->text.empty()) return variable->text;
    if (variable == nullptr && !process.knows_environment) return unknown;
    return std::string(reference.fallback.value_or(""));
}

bool is_only_a_variable(std::string_view text) {
    return text.starts_with('$') && read_reference(text).size == text.size();
}

}  // namespace

CommandLine::CommandLine(const std::vector<Value>& words, Names names) {
    std::size_t at = 0;
    const auto next = [&]() { return at < words.size() ? words[at++] : Value{}; };

    const auto take_long = [&](const Value& word) {
        const std::size_t equals = word.text.find('=');
        const bool joined = equals != std::string::npos;
        const std::string_view written =
            std::string_view(word.text).substr(2, joined ? equals - 2 : equals);
        const OptionName* option = find_long(names, written);
        if (option == nullptr) return;
        Value value = joined                                      ? part_of(word, equals + 1)
                      : option->takes == OptionName::Takes::value ? next()
                                                                  : word;
        options_.push_back({key_of(*option), std::move(value)});
    };
    const auto take_letters = [&](const Value& word) {
        for (std::size_t i = 1; i < word.text.size(); ++i) {
            const OptionName* option = find_letter(names, word.text[i]);
            if (option == nullptr) continue;
            if (option->takes == OptionName::Takes::nothing) {
                options_.push_back({key_of(*option), word});
                continue;
            }
            // `-b=x` is what a few parsers take for `-b x`; to the others it makes no sense.
            const std::size_t begin = i + 1 + (word.text.substr(i + 1).starts_with('=') ? 1 : 0);
            options_.push_back(
                {key_of(*option), i + 1 < word.text.size() ? part_of(word, begin) : next()});
            return;
        }
    };

    while (at < words.size()) {
        const Value word = next();
        if (word.text == "--") {
            operands_.insert(operands_.end(), words.begin() + static_cast<std::ptrdiff_t>(at),
                             words.end());
            return;
        }
        if (word.text.starts_with(unknown_byte)) is_whole_ = false;
        if (word.text.starts_with("--")) {
            take_long(word);
        } else if (word.text.starts_with('-') && word.text.size() > 1) {
            take_letters(word);
        } else {
            operands_.push_back(word);
        }
    }
}

const Value* CommandLine::last(std::string_view name) const {
    const auto found = std::find_if(options_.rbegin(), options_.rend(),
                                    [name](const Option& each) { return each.name == name; });
    return found == options_.rend() ? nullptr : &found->value;
}

std::vector<Value> CommandLine::all(std::string_view name) const {
    std::vector<Value> values;
    for (const Option& option : options_) {
        if (option.name == name) values.push_back(option.value);
    }
    return values;
}

Value part_of(const Value& word, std::size_t begin, std::size_t size) {
    Value part{word.text.substr(std::min(begin, word.text.size()), size), word.span};
    // A word that is written with quotes or a variable does not have its parts where they seem.
    if (word.span.known() && word.span.end - word.span.begin == word.text.size()) {
        part.span.begin += static_cast<std::uint32_t>(std::min(begin, word.text.size()));
        part.span.end = part.span.begin + static_cast<std::uint32_t>(part.text.size());
    }
    return part;
}

std::string fill_in(std::string_view text, const Process& process) {
    std::string filled;
    while (!text.empty() && filled.size() < max_filled_in) {
        const std::size_t dollar = std::min(text.find_first_of("$`"), text.size());
        filled += text.substr(0, dollar);
        text.remove_prefix(dollar);
        if (text.empty()) break;
        if (text.front() == '`') return filled + unknown_byte;
        const Reference reference = read_reference(text);
        if (reference.size == 0) {
            filled += '$';
            text.remove_prefix(1);
            continue;
        }
        filled += value_of(reference, process);
        text.remove_prefix(reference.size);
    }
    return filled;
}

std::vector<Value> filled_in_words(const Process& process) {
    std::vector<Value> words;
    std::size_t total = 0;
    for (const Value& word : process.arguments) {
        if (words.size() >= max_words) break;
        std::string filled(1, unknown_byte);
        if (total < max_filled_in) filled = fill_in(word.text, process);
        total += filled.size();
        if (is_only_a_variable(word.text) && filled != std::string(1, unknown_byte)) {
            const std::vector<Value> parts = split_words(filled, word.span);
            words.insert(words.end(), parts.begin(), parts.end());
        } else {
            words.push_back({filled, word.span});
        }
    }
    return words;
}

std::vector<Value> split_words(std::string_view text, Span span) {
    std::vector<Value> words;
    std::string word;
    bool is_open = false;
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char byte = text[i];
        const bool is_blank = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
        if (quote == '\0' && is_blank) {
            if (is_open) words.push_back({std::move(word), span});
            word.clear();
            is_open = false;
            continue;
        }
        is_open = true;
        if (quote != '\0' ? byte == quote : byte == '"' || byte == '\'') {
            quote = quote == '\0' ? byte : '\0';
        } else if (byte == '\\' && quote != '\'' && i + 1 < text.size()) {
            word += text[++i];
        } else {
            word += byte;
        }
    }
    if (is_open) words.push_back({std::move(word), span});
    return words;
}

}  // namespace gatelint
