#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/results.hpp"

namespace gatelint {

/// The paths of a report's files as it shows them (shown_path), each worked out once.
class ShownPaths {
  public:
    explicit ShownPaths(const Results& results)
        : results_(results), paths_(results.sources.size()) {}

    const std::string& of(SourceId source);

  private:
    const Results& results_;
    std::vector<std::optional<std::string>> paths_;  ///< by source
};

}  // namespace gatelint
