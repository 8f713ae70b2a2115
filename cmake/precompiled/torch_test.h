// Headers of the tests of tensor code, read once for all of them.
#pragma once
#include <torch/types.h>

#include "cmake/precompiled/test.h"
