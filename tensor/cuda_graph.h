// Records the kernels of an update as one CUDA graph and replays it.
// An update is a thousand small kernels, and starting them one by one takes many times as
// long as running them.
#pragma once

#include <functional>
#include <memory>

#include "tensor/device.h"

namespace reverie::tensor {

class CudaGraph {
 public:
  // Work of `device`, a GPU. Throws std::logic_error in a build without CUDA.
  explicit CudaGraph(Device device);
  ~CudaGraph();

  // Does `work`. The first calls run it; one then records the kernels that it asks for, and every later call
  // runs those again without calling `work`: it must do the same operations on the same
  // tensors each time and read nothing back. Tensors that it makes and keeps hold the results of the last
  // call. Throws c10::Error when something in it cannot be recorded.
  void run(const std::function<void()>& work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::tensor
