// precompiled.h, for layers most of whose sources work on exchanges.
#pragma once

#include "exchange/exchange.h"
#include "precompiled.h"
