// Memory of a viewer: what is closed goes back to the system.
// Else a viewer that is open for days stays as large as it was at its largest moment.
#pragma once

namespace reverie::viewer {

// From now on every large block is memory of its own, which goes back to the system as soon as it is freed. For the whole
// process.
void give_back_large_blocks();

}  // namespace reverie::viewer
