#pragma once

#include <memory>
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

    /// The same as around another, which must outlive this, seen from another service or pod of the
    /// same project.
    Around(Around& other, NginxPlace place)
        : search_(other.search_), files_(other.files_), library_(other.library_), other_(&other) {
        search_.place = std::move(place);
    }

    const Search& search() const { return search_; }

    /// `sources` are the same for every call: what is found has its places in them.
    const Surroundings& look(Sources& sources) {
        if (!found_) found_.emplace(vicinity(sources), search_.place, sources);
        return *found_;
    }

  private:
    const std::shared_ptr<const Vicinity>& vicinity(Sources& sources) {
        if (other_ != nullptr) return other_->vicinity(sources);
        if (vicinity_ == nullptr) {
            vicinity_ = library_ == nullptr ? find_vicinity(search_, files_, sources)
                                            : find_vicinity(search_, files_, *library_);
        }
        return vicinity_;
    }

    Search search_;
    const FileReader& files_;
    Library* library_;
    Around* other_ = nullptr;  ///< that looks for both
    std::shared_ptr<const Vicinity> vicinity_;
    std::optional<Surroundings> found_;
};

}  // namespace gatelint
