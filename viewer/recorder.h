// Recorder: writes what a twin does into an MCAP file, episode by episode.
// It is for headless viewing, where nothing else steps the twin.
#pragma once

#include <filesystem>

#include "base/stop.h"
#include "interop/twin_recording.h"
#include "viewer/opening.h"

namespace reverie::viewer {

class Recorder {
 public:
  // `opened` is what `twin` was made of. Makes the file under a temporary name. The twin adds an episode before it begins
  // another one, and is not reset any more once the recorder is gone. Throws UserError when the disk refuses, here
  // and below.
  Recorder(const std::filesystem::path& path, const Opened& opened, Twin& twin, const base::Stop* stop);
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Adds the episode that goes on in the twin and gives the file its name. Throws UserError when `twin` is another one,
  // of something that was opened since.
  void finish(const Twin& twin);

 private:
  void add_episode(const Twin& twin);  // the present branch

  interop::TwinRecording recording_;
};

}  // namespace reverie::viewer
