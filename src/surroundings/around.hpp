#pragma once

#include <optional>
#include <utility>

#include "source/file_reader.hpp"
#include "source/sources.hpp"
#include "surroundings/search.hpp"
#include "surroundings/surroundings.hpp"

namespace gatelint {

/// What is around nginx, looked for when it is first asked for. Configurations around which the
/// same things are share one.
class Around {
  public:
    /// `files`, in which it is looked for, must outlive this.
    Around(Search search, const FileReader& files) : search_(std::move(search)), files_(files) {}

    const Search& search() const { return search_; }

    /// `sources` are the same for every call: what is found has its places in them.
    const Surroundings& look(Sources& sources) {
        if (!found_) found_ = discover(search_, files_, sources);
        return *found_;
    }

  private:
    Search search_;
    const FileReader& files_;
    std::optional<Surroundings> found_;
};

}  // namespace gatelint
