#include "surroundings/formats/yaml_file.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace gatelint {

namespace {

/// Aliases make trees that grow without end ("billion laughs").
constexpr std::size_t max_nodes = 1'000'000;
constexpr std::size_t max_bytes = std::size_t{16} << 20U;
constexpr std::size_t max_yaml_depth = 100;

constexpr std::string_view merge_key = "<<";

/// YAML's own tags, and the library's marks for plain and quoted scalars without one.
std::string own_tag(const std::string& tag) {
    const bool standard = tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:");
    return standard ? "" : tag;
}

/// How much of the bounds a node takes.
struct Weight {
    std::size_t nodes = 0;
    std::size_t bytes = 0;

    void add(const YamlNode& node) {
        ++nodes;
        bytes += node.text.size();
        for (const YamlNode& item : node.items) add(item);
        for (const YamlNode::Entry& entry : node.entries) {
            bytes += entry.key.text.size();
            add(entry.value);
        }
    }
};

/// Makes trees of what the library reads. It throws YAML::Exception where the text is too much.
class YamlTreeMaker final : public YAML::EventHandler {
  public:
    YamlTreeMaker(std::string_view text, SourceId source, std::vector<YamlNode>& documents)
        : text_(text), source_(source), documents_(documents) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        // The library may begin documents at one place without end, as with a leading comma.
        if (begun_ && mark.pos <= *begun_) throw YAML::ParserException(mark, "no document here");
        begun_ = mark.pos;
        anchors_.clear();
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        take(begin(mark, YamlNode::Kind::null, ""), anchor, mark);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto known = anchors_.find(anchor);
        if (known == anchors_.end()) return take(begin(mark, YamlNode::Kind::null, ""), 0, mark);
        take(known->second, 0, mark);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        YamlNode node = begin(mark, YamlNode::Kind::scalar, tag);
        node.text = value;
        node.is_plain = tag == "?" || tag.empty();
        const bool means_null = value == "~" || value == "null" || value.empty();
        if (node.is_plain && means_null) node.kind = YamlNode::Kind::null;
        node.span.end = scalar_end(node);
        take(std::move(node), anchor, mark);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(begin(mark, YamlNode::Kind::sequence, tag), anchor, mark);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(begin(mark, YamlNode::Kind::mapping, tag), anchor, mark);
    }
    void OnMapEnd() override {
        for (const YamlNode& other : open_.back().merged) merge(open_.back().node, other);
        close();
    }

  private:
    /// A collection of which not all parts were read yet.
    struct Open {
        YamlNode node;
        YAML::anchor_t anchor;
        YAML::Mark mark;
        std::optional<YamlNode> key;   ///< of a mapping, before its value
        std::vector<YamlNode> merged;  ///< what follows `<<`
    };

    YamlNode begin(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& tag) const {
        const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
        const auto offset = static_cast<std::uint32_t>(std::min(at, text_.size()));
        YamlNode node;
        node.kind = kind;
        node.tag = own_tag(tag);
        node.span = {source_, offset, offset};
        return node;
    }

    /// The library tells where a scalar begins only.
    std::uint32_t scalar_end(const YamlNode& scalar) const {
        const std::size_t at = scalar.span.begin;
        const char first = at < text_.size() ? text_[at] : '\0';
        if (first == '"' || first == '\'') {
            std::size_t end = at + 1;
            while (end < text_.size() && text_[end] != first) {
                end += first == '"' && text_[end] == '\\' ? 2 : 1;
            }
            return static_cast<std::uint32_t>(std::min(end + 1, text_.size()));
        }
        if (text_.substr(at, scalar.text.size()) == scalar.text) {
            return static_cast<std::uint32_t>(at + scalar.text.size());
        }
        // A block of lines: its first one stands for it.
        return static_cast<std::uint32_t>(std::min(text_.find('\n', at), text_.size()));
    }

    void open(YamlNode node, YAML::anchor_t anchor, const YAML::Mark& mark) {
        if (open_.size() >= max_yaml_depth) throw YAML::ParserException(mark, "nested too deep");
        open_.push_back({std::move(node), anchor, mark, std::nullopt, {}});
    }

    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        take(std::move(done.node), done.anchor, done.mark);
    }

    /// A node is whole: it belongs to the collection that is open.
    void take(YamlNode node, YAML::anchor_t anchor, const YAML::Mark& mark) {
        count(node, anchor, mark);
        if (anchor != 0) anchors_.insert_or_assign(anchor, node);
        if (open_.empty()) {
            documents_.push_back(std::move(node));
            return;
        }
        Open& parent = open_.back();
        reach(parent.node, node.span);
        if (parent.node.is_sequence()) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.key) {
            parent.key = std::move(node);
        } else {
            YamlNode key = std::move(*parent.key);
            parent.key.reset();
            if (key.is_plain && key.text == merge_key) {
                parent.merged.push_back(std::move(node));
            } else {
                parent.node.entries.push_back({{key.text, key.span}, std::move(node)});
            }
        }
    }

    /// What is copied counts once more; the parts of a collection were counted when they were read.
    void count(const YamlNode& node, YAML::anchor_t anchor, const YAML::Mark& mark) {
        const bool is_copy = anchor != 0 || static_cast<int>(node.span.begin) != mark.pos;
        if (is_copy) {
            weight_.add(node);
        } else {
            ++weight_.nodes;
            weight_.bytes += node.text.size();
        }
        if (weight_.nodes > max_nodes || weight_.bytes > max_bytes) {
            throw YAML::ParserException(mark, "too many nodes");
        }
    }

    /// What is written in the mapping itself wins, then the first that is merged.
    void merge(YamlNode& made, const YamlNode& other) {
        for (const YamlNode& item : other.items) merge(made, item);
        if (other.entries.empty()) return;
        weight_.add(other);
        if (weight_.nodes > max_nodes) {
            throw YAML::ParserException(YAML::Mark::null_mark(), "too many nodes");
        }
        std::set<std::string> known;
        for (const YamlNode::Entry& entry : made.entries) known.insert(entry.key.text);
        for (const YamlNode::Entry& entry : other.entries) {
            if (!known.contains(entry.key.text)) made.entries.push_back(entry);
        }
    }

    /// An alias leads to what stands elsewhere, and does not count.
    static void reach(YamlNode& made, Span part) {
        if (part.begin >= made.span.begin) made.span.end = std::max(made.span.end, part.end);
    }

    std::string_view text_;
    SourceId source_;
    std::vector<YamlNode>& documents_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, YamlNode> anchors_;
    std::optional<int> begun_;
    Weight weight_;
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
    YamlTreeMaker maker(text, source, file.documents);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(maker)) {
        }
    } catch (const YAML::Exception& error) {
        const auto at = static_cast<std::size_t>(std::max(error.mark.pos, 0));
        const auto offset = static_cast<std::uint32_t>(std::min(at, text.size()));
        file.error = error.msg;
        file.error_span = {source, offset, offset};
    }
    return file;
}

}  // namespace gatelint
