// Work for a CUDA device that is asked for in one call. A learning update is a thousand small kernels:
// handing them over one by one takes many times as long as running them.
#pragma once

#include <functional>
#include <memory>

namespace reverie::tensor {

class CudaGraph {
 public:
  // Throws std::logic_error in a build without CUDA.
  CudaGraph();
  ~CudaGraph();

  // Does `work` on the current device. The first calls run it; one then records the kernels that it asks for,
  // and every later call runs those again without calling `work`: it must do the same operations on the same
  // tensors each time and read nothing back. Tensors that it makes and keeps hold the results of the last
  // call. Throws c10::Error when something in it cannot be recorded.
  void run(const std::function<void()>& work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::tensor
