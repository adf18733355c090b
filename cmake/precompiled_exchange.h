// precompiled.h, for layers most of whose sources work on exchanges.
#pragma once

#include "precompiled.h"

// The compiler warns behind here, as precompiled.h says.
# 1 "precompiled_exchange.h"
#include "exchange/exchange.h"
