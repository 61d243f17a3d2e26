#pragma once

#include "surroundings/formats/reading.hpp"
#include "surroundings/programs/listening.hpp"

namespace gatelint {

/// Where Tomcat listens, by the connectors of its conf/server.xml. AJP is no protocol that nginx
/// speaks: such a listener is named "Tomcat AJP connector" and speaks Protocol::tcp. Its program is
/// unknown (is_known_program) where the text is no server.xml.
Listening parse_tomcat(SourceId source, const Place* place, Reading& reading);

}  // namespace gatelint
