// Everything of one instruction set: kernels.cc includes this once for each, inside a namespace.
#include "tensor/kernels/simd.inl"

#include "tensor/kernels/adam.inl"
#include "tensor/kernels/distribution.inl"
#include "tensor/kernels/ensemble.inl"
#include "tensor/kernels/frames.inl"
#include "tensor/kernels/kinematics.inl"
#include "tensor/kernels/kinematics_backward.inl"
#include "tensor/kernels/norm.inl"
#include "tensor/kernels/normals.inl"
#include "tensor/kernels/touch.inl"

constexpr Kernels table(const char* instruction_set) {
  return {instruction_set,
          norm_silu_forward,
          norm_silu_backward,
          norm_simnorm_forward,
          norm_simnorm_backward,
          simnorm_forward,
          simnorm_backward,
          add_bias,
          add_column_sums,
          two_hot_loss_forward,
          two_hot_loss_backward,
          two_hot_value_forward,
          two_hot_value_backward,
          tanh_gaussian_forward,
          tanh_gaussian_backward,
          mean_of_members,
          scaled,
          squared_error_forward,
          squared_error_backward,
          sum_of_squares,
          adam_step,
          lerp,
          normals,
          kinematics_forward,
          kinematics_backward,
          touch_forward,
          touch_backward};
}

#undef REVERIE_INLINE
#undef REVERIE_EACH
#undef REVERIE_LANES
#undef REVERIE_SWAP1
#undef REVERIE_SWAP2
#undef REVERIE_SWAP4
#undef REVERIE_SWAP8
