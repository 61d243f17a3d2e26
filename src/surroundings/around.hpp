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
    /// `files`, in which it is looked for, must outlive this, and so must the library, where there
    /// is one.
    Around(Search search, const FileReader& files, Library* library = nullptr)
        : search_(std::move(search)), files_(files), library_(library) {}

    const Search& search() const { return search_; }

    /// `sources` are the same for every call: what is found has its places in them.
    const Surroundings& look(Sources& sources) {
        if (found_) return *found_;
        found_ = library_ == nullptr ? discover(search_, files_, sources)
                                     : discover(search_, files_, *library_);
        return *found_;
    }

  private:
    Search search_;
    const FileReader& files_;
    Library* library_;
    std::optional<Surroundings> found_;
};

}  // namespace gatelint
