// precompiled.h, for the dialects.
#pragma once

#include "precompiled.h"

// The compiler warns behind here, as precompiled.h says.
# 1 "precompiled_dialect.h"
#include "chat/cited.h"
#include "dialect/dialect.h"
#include "json/writer.h"
