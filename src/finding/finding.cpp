#include "finding/finding.hpp"

namespace gatelint {

std::string_view name_of(Severity severity) {
    switch (severity) {
        case Severity::note:
            return "note";
        case Severity::warning:
            return "warning";
        case Severity::error:
            return "error";
    }
    return "";
}

std::string_view name_of(Applicability applicability) {
    return applicability == Applicability::safe ? "safe" : "unsafe";
}

}  // namespace gatelint
