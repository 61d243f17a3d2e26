#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "nginx/arguments/arguments.hpp"

namespace gatelint {

/// Reads the lines of a block that holds data, `types`, `map`, `geo`, `split_clients` or
/// `charset_map`, as the handler does that nginx sets for the block (cf->handler in
/// ngx_conf_parse). It remembers what the lines before have said: `ranges`, `hostnames`, how many
/// percent are taken. The network of a geo line is judged too, since it is a key here.
class RowReader {
  public:
    /// `arguments` are those of the block. `complete`: all of its lines are known.
    RowReader(DirectiveId block, std::span<const std::string_view> arguments,
              const std::optional<Version>& version, bool complete)
        : block_(block), arguments_(arguments), version_(version), complete_(complete) {}

    /// What nginx refuses in the next line; `words` has the first one too, and so has the index in
    /// the error. `has_block`: a `{` follows.
    std::optional<ArgumentError> read(std::span<const std::string_view> words,
                                      bool has_block = false);

  private:
    using Words = std::span<const std::string_view>;

    std::optional<ArgumentError> read_map(Words words);
    std::optional<ArgumentError> read_geo(Words words);
    std::optional<ArgumentError> read_network(Words words);
    std::optional<ArgumentError> read_charset(Words words) const;
    std::optional<ArgumentError> read_part(Words words);

    DirectiveId block_;
    Words arguments_;
    std::optional<Version> version_;
    bool complete_;
    bool ranges_ = false;      ///< of geo
    bool networks_ = false;    ///< of geo: a line without ranges has been read
    bool hostnames_ = false;   ///< of map
    std::uint64_t taken_ = 0;  ///< of split_clients, in hundredths of a percent
};

}  // namespace gatelint
