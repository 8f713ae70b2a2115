#include "tensor/cuda_graph.h"

#ifdef REVERIE_HAS_CUDA

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>

namespace reverie::tensor {

struct CudaGraph::Impl {
  // Libraries make their workspaces and plans in the first runs, which a recording must not see.
  static constexpr int kFirstRuns = 3;
  at::Device device;
  c10::cuda::CUDAStream stream;  // one of the pool: the default stream cannot be recorded
  int runs = 0;
  at::cuda::CUDAGraph graph;
};

CudaGraph::CudaGraph(Device device)
    : impl_(new Impl{torch_device(device),
                     c10::cuda::getStreamFromPool(false, static_cast<c10::DeviceIndex>(device.index))}) {}
CudaGraph::~CudaGraph() = default;

void CudaGraph::run(const std::function<void()>& work) {
  Impl& i = *impl_;
  const c10::cuda::CUDAGuard on_device(i.device);
  if (i.runs > Impl::kFirstRuns) return i.graph.replay();
  c10::cuda::device_synchronize();  // the two streams know nothing of each other
  {
    const c10::cuda::CUDAStreamGuard guard(i.stream);
    // Only this thread's calls are watched: an environment's thread may do with the device what it likes.
    if (i.runs == Impl::kFirstRuns) i.graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    work();
    if (i.runs == Impl::kFirstRuns) i.graph.capture_end();
  }
  c10::cuda::device_synchronize();
  if (i.runs++ == Impl::kFirstRuns) i.graph.replay();
}

}  // namespace reverie::tensor

#else

#include <stdexcept>

namespace reverie::tensor {

struct CudaGraph::Impl {};

CudaGraph::CudaGraph(Device) { throw std::logic_error("CudaGraph: this build has no CUDA"); }
CudaGraph::~CudaGraph() = default;
void CudaGraph::run(const std::function<void()>& work) { work(); }

}  // namespace reverie::tensor

#endif
