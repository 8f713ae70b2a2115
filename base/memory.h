// A setting that keeps freed memory in the process.
#pragma once

namespace reverie::base {

// Freed memory stays with the process from now on; to be called once at start. A learning update makes some
// hundreds of tensors and frees them again. By default the larger ones are pages asked of the system and
// given back each time, zeroed in between.
void keep_freed_memory();

}  // namespace reverie::base
