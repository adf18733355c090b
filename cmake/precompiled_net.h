// precompiled.h, for the net layer: the only one that knows Asio and Beast.
#pragma once

#include "precompiled.h"

// The compiler warns behind here, as precompiled.h says.
# 1 "precompiled_net.h"
#include "net/asio.h"
