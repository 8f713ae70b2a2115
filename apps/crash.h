// Says one line when the process crashes, and how to go on.
// A library may crash in the middle of a training, which no exception tells of.
#pragma once

namespace reverie::apps {

// From now on a crash of any thread ends the process with a line on standard error and the signal's own status.
void tell_crashes();

}  // namespace reverie::apps
