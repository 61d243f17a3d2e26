#include "report/explain.hpp"

#include <fmt/format.h>

#include <string>

#include "report/example.hpp"
#include "report/results.hpp"
#include "rule.hpp"

namespace gatelint {

namespace {

const Example* find_example(std::string_view id) {
    for (const Example& example : all_examples()) {
        if (example.rule == id) return &example;
    }
    return nullptr;
}

std::string versions_of(const Rule& rule) {
    const VersionRange& range = rule.versions;
    if (range.has_end()) return fmt::format("nginx before {}", to_string(range.before));
    if (range.from != Version{}) return fmt::format("nginx from {}", to_string(range.from));
    return "all versions of nginx";
}

std::string_view language_of(std::string_view file) {
    return file.ends_with(".conf") && file.find("fpm") == std::string_view::npos ? "nginx" : "ini";
}

/// Lines of a page, in one of two dresses.
class Page {
  public:
    explicit Page(bool markdown) : markdown_(markdown) {}

    void title(std::string_view text) {
        out_ += markdown_ ? fmt::format("# {}\n\n", text) : fmt::format("{}\n\n", text);
    }
    void heading(std::string_view text) {
        out_ += markdown_ ? fmt::format("## {}\n\n", text) : fmt::format("{}:\n\n", text);
    }
    void paragraph(std::string_view text) {
        if (!text.empty()) out_ += fmt::format("{}\n\n", text);
    }
    void block(std::string_view language, std::string_view text) {
        if (markdown_) {
            out_ += fmt::format("```{}\n{}```\n\n", language, text);
            return;
        }
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            const std::string_view line = text.substr(0, end);
            out_ += line.empty() ? "\n" : fmt::format("    {}\n", line);
            if (end == std::string_view::npos) break;
            text.remove_prefix(end + 1);
        }
        out_ += '\n';
    }
    /// A file of the example; none where one side lacks it.
    void example(std::string_view side, std::string_view file, std::string_view text) {
        if (text.empty()) return;
        heading(fmt::format("{}, {}", side, file));
        block(language_of(file), text);
    }

    std::string take() { return std::move(out_); }

  private:
    bool markdown_;
    std::string out_;
};

}  // namespace

std::string explain(std::string_view id, bool markdown) {
    const Rule* rule = find_rule(id);
    if (rule == nullptr) return {};
    Page page(markdown);
    page.title(rule->id);
    page.paragraph(fmt::format("{} ({}, family {}, {})", rule->summary, name_of(rule->severity),
                               name_of(rule->family), versions_of(*rule)));
    page.paragraph(rule->why);
    if (const Example* example = find_example(id)) {
        for (const Example::File& file : example->files) {
            page.example("Wrong", file.name, file.bad);
        }
        page.heading("What gatelint says");
        page.block("text", example->expected);
        for (const Example::File& file : example->files) {
            page.example("Right", file.name, file.good);
        }
        page.heading("What nginx does (columns: wrong, right)");
        page.block("text", example->proof);
    }
    page.paragraph(fmt::format("See {}", rule->reference));
    return page.take();
}

std::string list_rules(std::string_view format) {
    if (format == "json") return rules_json();
    std::string out;
    if (format == "markdown")
        out += "| rule | severity | family | what is wrong |\n|---|---|---|---|\n";
    for (const Rule* rule : all_rules()) {
        out += fmt::format(fmt::runtime(format == "markdown" ? "| `{}` | {} | {} | {} |\n"
                                                             : "{:<32} {:<8} {:<11} {}\n"),
                           rule->id, name_of(rule->severity), name_of(rule->family), rule->summary);
    }
    return out;
}

std::string unknown_rule(std::string_view id) {
    constexpr std::size_t near = 5;
    const Rule* nearest = nullptr;
    std::size_t distance = near + 1;
    for (const Rule* rule : all_rules()) {
        const std::size_t d = edit_distance(id, rule->id, near);
        if (d < distance) {
            distance = d;
            nearest = rule;
        }
    }
    if (nearest == nullptr) return fmt::format("there is no rule '{}' (see `gatelint rules`)", id);
    return fmt::format("there is no rule '{}'; did you mean '{}'?", id, nearest->id);
}

}  // namespace gatelint
