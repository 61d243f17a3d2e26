#include "report/explain.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

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
    struct Language {
        std::string_view ending;
        std::string_view name;
    };
    constexpr Language languages[] = {
        {"php-fpm.conf", "ini"}, {".conf", "nginx"},        {".template", "nginx"},
        {".bak", "nginx"},       {"proxy_params", "nginx"}, {".yaml", "yaml"},
        {".yml", "yaml"},        {".toml", "toml"},         {".sh", "sh"},
        {".py", "python"},       {".ini", "ini"},           {".service", "ini"},
        {".socket", "ini"},
    };
    if (file.find("/fpm/") != std::string_view::npos) return "ini";
    for (const Language& language : languages) {
        if (file.ends_with(language.ending)) return language.name;
    }
    return "text";
}

/// What a page is for: a terminal, a file of its own, or a chapter in the page of all rules.
enum class Dress : std::uint8_t { text, markdown, chapter };

/// Lines of a page.
class Page {
  public:
    explicit Page(Dress dress) : dress_(dress) {}

    void title(std::string_view text) {
        constexpr std::string_view marks[] = {"", "# ", "### "};
        out_ += fmt::format("{}{}\n\n", marks[static_cast<std::size_t>(dress_)], text);
    }
    /// In a chapter headings are no headings: the anchors of their page are the rules' ids.
    void heading(std::string_view text) {
        switch (dress_) {
            case Dress::text:
                out_ += fmt::format("{}:\n\n", text);
                break;
            case Dress::markdown:
                out_ += fmt::format("## {}\n\n", text);
                break;
            case Dress::chapter:
                out_ += fmt::format("**{}**\n\n", text);
                break;
        }
    }
    void paragraph(std::string_view text) {
        if (!text.empty()) out_ += fmt::format("{}\n\n", text);
    }
    void block(std::string_view language, std::string_view text) {
        while (text.ends_with("\n\n")) text.remove_suffix(1);
        const std::string_view end = text.ends_with('\n') ? "" : "\n";
        if (dress_ != Dress::text) {
            out_ += fmt::format("```{}\n{}{}```\n\n", language, text, end);
            return;
        }
        while (!text.empty()) {
            const std::size_t length = text.find('\n');
            const std::string_view line = text.substr(0, length);
            out_ += line.empty() ? "\n" : fmt::format("    {}\n", line);
            if (length == std::string_view::npos) break;
            text.remove_prefix(length + 1);
        }
        out_ += '\n';
    }
    /// A file of the example; none where one side lacks it.
    void file(std::string_view side, std::string_view name, std::string_view text) {
        if (text.empty()) return;
        heading(fmt::format("{}, {}", side, name));
        block(language_of(name), text);
    }

    std::string take() { return std::move(out_); }

  private:
    Dress dress_;
    std::string out_;
};

void write_example(Page& page, const Example& example) {
    for (const Example::File& file : example.files) {
        if (file.is_changed()) page.file("Wrong", file.name, file.bad);
    }
    for (const Example::File& file : example.files) {
        if (!file.is_changed()) page.file("Unchanged", file.name, file.bad);
    }
    page.heading("What gatelint reports");
    page.block("text", example.expected);
    for (const Example::File& file : example.files) {
        if (file.is_changed()) page.file("Right", file.name, file.good);
    }
    page.heading("What nginx does (columns: wrong, right)");
    page.block("text", example.proof);
}

std::string page_of(const Rule& rule, Dress dress) {
    Page page(dress);
    page.title(rule.id);
    page.paragraph(fmt::format("{} ({}, family {}, {})", rule.summary, name_of(rule.severity),
                               name_of(rule.family), versions_of(rule)));
    page.paragraph(rule.why);
    if (const Example* example = find_example(rule.id)) write_example(page, *example);
    page.paragraph(fmt::format("See {}", rule.reference));
    return page.take();
}

std::string book() {
    std::map<Family, std::vector<const Rule*>> families;
    for (const Rule* rule : all_rules()) families[rule->family].push_back(rule);
    std::string out =
        "# gatelint's rules\n\n`gatelint rules -f markdown` prints this page, and `gatelint "
        "explain RULE` a single rule.\n\n";
    for (const auto& [family, rules] : families) {
        out += fmt::format("- [{0}](#family-{0}):", name_of(family));
        for (const Rule* rule : rules) {
            out += fmt::format("{0} [{1}](#{1})", rule == rules.front() ? "" : ",", rule->id);
        }
        out += '\n';
    }
    out += '\n';
    for (const auto& [family, rules] : families) {
        out += fmt::format("## Family {}\n\n", name_of(family));
        out += "| rule | severity | what is wrong |\n|---|---|---|\n";
        for (const Rule* rule : rules) {
            out += fmt::format("| [{0}](#{0}) | {1} | {2} |\n", rule->id, name_of(rule->severity),
                               rule->summary);
        }
        out += '\n';
        for (const Rule* rule : rules) out += page_of(*rule, Dress::chapter);
    }
    out.pop_back();  // one newline ends the page
    return out;
}

}  // namespace

std::string explain(std::string_view id, bool markdown) {
    const Rule* rule = find_rule(id);
    return rule == nullptr ? "" : page_of(*rule, markdown ? Dress::markdown : Dress::text);
}

std::string list_rules(std::string_view format) {
    if (format == "json") return rules_json();
    if (format == "markdown") return book();
    std::string out;
    for (const Rule* rule : all_rules()) {
        out += fmt::format("{:<32} {:<8} {:<11} {}\n", rule->id, name_of(rule->severity),
                           name_of(rule->family), rule->summary);
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
    if (nearest == nullptr) return fmt::format("unknown rule '{}' (see `gatelint rules`)", id);
    return fmt::format("unknown rule '{}'; did you mean '{}'?", id, nearest->id);
}

}  // namespace gatelint
