#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/arena.hpp"

namespace gatelint {

/// A statement, or a comment, as crossplane's payload has it.
struct PayloadStatement {
    std::string_view directive;  ///< "#" for a comment
    std::uint32_t line = 0;
    std::vector<std::string_view> args;
    std::optional<std::vector<std::size_t>> includes;  ///< of an include: indices of files
    std::optional<std::vector<PayloadStatement>> block;
    std::optional<std::string_view> comment;
};

struct PayloadError {
    std::uint32_t line = 0;
    std::string error;     ///< with its place at the end, as crossplane has it
    std::string callback;  ///< more for people; printed if the payload says so
};

/// One file, under the name by which it was included.
struct PayloadFile {
    std::string name;
    std::vector<PayloadError> errors;
    std::vector<PayloadStatement> statements;
};

/// What `crossplane parse` prints (github.com/nginxinc/crossplane): the files of a configuration,
/// each once, as they are written. Texts are backed by Sources and by `texts`.
struct Payload {
    std::vector<PayloadFile> files;  ///< the main file first; includes count into this
    bool combined = false;           ///< to be printed as one file, includes opened in place
    bool callbacks = false;          ///< whether errors are printed with what is for people
    std::unique_ptr<Arena> texts = std::make_unique<Arena>();

    /// crossplane's status "failed": some file has an error.
    bool failed() const;
};

/// Includes within includes that combining opens; a file inside itself is left out.
constexpr std::size_t max_combined_depth = 24;

}  // namespace gatelint
