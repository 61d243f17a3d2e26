#include "surroundings/yaml_file.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace gatelint {

namespace {

/// Aliases make trees that grow without end ("billion laughs").
constexpr std::size_t max_nodes = 200'000;
constexpr int max_depth = 100;

constexpr std::string_view merge_key = "<<";

/// YAML's own tags, and the marks of the library for plain and quoted scalars without one.
std::string own_tag(const std::string& tag) {
    const bool standard = tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:");
    return standard ? "" : tag;
}

/// Makes our tree of the library's.
class TreeMaker {
  public:
    TreeMaker(std::string_view text, SourceId source) : text_(text), source_(source) {}

    YamlNode make(const YAML::Node& node, int depth = 0) {
        YamlNode made;
        made.span = {source_, offset(node.Mark()), offset(node.Mark())};
        if (++count_ > max_nodes || depth > max_depth) {
            is_whole_ = false;
            return made;
        }
        made.tag = own_tag(node.Tag());
        if (node.IsScalar()) make_scalar(node, made);
        if (node.IsSequence()) {
            made.kind = YamlNode::Kind::sequence;
            for (const YAML::Node& item : node) made.items.push_back(make(item, depth + 1));
            for (const YamlNode& item : made.items) reach(made, item.span);
        }
        if (node.IsMap()) make_mapping(node, made, depth);
        return made;
    }

    bool is_whole() const { return is_whole_; }

  private:
    void make_scalar(const YAML::Node& node, YamlNode& made) {
        made.text = node.Scalar();
        made.is_plain = node.Tag() == "?";
        const bool means_null = made.text == "~" || made.text == "null" || made.text.empty();
        made.kind = made.is_plain && means_null ? YamlNode::Kind::null : YamlNode::Kind::scalar;
        made.span.end = scalar_end(made);
    }

    /// The library tells where a scalar begins only.
    std::uint32_t scalar_end(const YamlNode& scalar) const {
        const std::size_t begin = scalar.span.begin;
        const char first = begin < text_.size() ? text_[begin] : '\0';
        if (first == '"' || first == '\'') {
            std::size_t end = begin + 1;
            while (end < text_.size() && text_[end] != first) {
                end += first == '"' && text_[end] == '\\' ? 2 : 1;
            }
            return static_cast<std::uint32_t>(std::min(end + 1, text_.size()));
        }
        if (text_.substr(begin, scalar.text.size()) == scalar.text) {
            return static_cast<std::uint32_t>(begin + scalar.text.size());
        }
        // A block of lines: its first one stands for it.
        const std::size_t end = text_.find('\n', begin);
        return static_cast<std::uint32_t>(std::min(end, text_.size()));
    }

    void make_mapping(const YAML::Node& node, YamlNode& made, int depth) {
        made.kind = YamlNode::Kind::mapping;
        std::vector<YamlNode> merged;
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) continue;
            const YamlNode name = make(entry.first, depth + 1);
            YamlNode content = make(entry.second, depth + 1);
            reach(made, name.span);
            reach(made, content.span);
            if (name.is_plain && name.text == merge_key) {
                merged.push_back(std::move(content));
            } else {
                made.entries.push_back({{name.text, name.span}, std::move(content)});
            }
        }
        for (const YamlNode& other : merged) merge(made, other);
    }

    /// What is written in the mapping itself wins, then the first that is merged.
    static void merge(YamlNode& made, const YamlNode& other) {
        for (const YamlNode& item : other.items) merge(made, item);
        for (const YamlNode::Entry& entry : other.entries) {
            if (made.find(entry.key.text) == nullptr) made.entries.push_back(entry);
        }
    }

    /// An alias leads to what stands elsewhere, and does not count.
    static void reach(YamlNode& made, Span part) {
        if (part.begin >= made.span.begin) made.span.end = std::max(made.span.end, part.end);
    }

    std::uint32_t offset(const YAML::Mark& mark) const {
        const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
        return static_cast<std::uint32_t>(std::min(at, text_.size()));
    }

    std::string_view text_;
    SourceId source_;
    std::size_t count_ = 0;
    bool is_whole_ = true;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    const auto found = std::find_if(entries.rbegin(), entries.rend(),
                                    [key](const Entry& entry) { return entry.key.text == key; });
    return found == entries.rend() ? nullptr : &found->value;
}

const YamlNode* YamlNode::find_scalar(std::string_view key) const {
    const YamlNode* found = find(key);
    return found != nullptr && found->is_scalar() ? found : nullptr;
}

YamlFile parse_yaml(std::string_view text, SourceId source) {
    YamlFile file;
    const auto fail = [&](std::string why, std::size_t at) {
        const auto offset = static_cast<std::uint32_t>(std::min(at, text.size()));
        file.error = std::move(why);
        file.error_span = {source, offset, offset};
    };
    TreeMaker maker(text, source);
    try {
        for (const YAML::Node& document : YAML::LoadAll(std::string(text))) {
            file.documents.push_back(maker.make(document));
        }
        if (!maker.is_whole()) fail("too many nodes", 0);
    } catch (const YAML::Exception& error) {
        fail(error.msg, static_cast<std::size_t>(std::max(error.mark.pos, 0)));
    }
    return file;
}

}  // namespace gatelint
