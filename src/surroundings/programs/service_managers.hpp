#pragma once

#include "surroundings/formats/reading.hpp"
#include "surroundings/host/supervisord.hpp"
#include "surroundings/host/systemd.hpp"
#include "surroundings/programs/listening.hpp"

namespace gatelint {

/// Asks what the units start where it listens: fills in the listeners of the units and of all.
void listen_to(Systemd& systemd, Reading& reading);

/// Where a program of supervisord listens, or supervisord itself with a server of its own.
Listening listen_to(const SupervisedProgram& program, Reading& reading);

}  // namespace gatelint
