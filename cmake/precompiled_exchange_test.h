// precompiled_exchange.h, for tests.
#pragma once

#include "precompiled_exchange.h"
#include "precompiled_test.h"
