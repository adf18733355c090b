// precompiled.h, for the simulator.
#pragma once

#include "precompiled.h"

// The compiler warns behind here, as precompiled.h says.
# 1 "precompiled_sim.h"
#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/dom.h"
#include "sim/script.h"
