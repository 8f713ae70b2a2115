#include "tensor/matrix_product.h"

// The Fortran BLAS that libtorch_cpu carries and exports.
extern "C" void sgemm_(const char* transa, const char* transb, const int* m, const int* n, const int* k,
                       const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                       const float* beta, float* c, const int* ldc);

namespace reverie::tensor {
namespace {

// Column-major c [rows, columns] = op(a) op(b).
void column_major(char ta, char tb, int64_t rows, int64_t columns, int64_t inner, const float* a, int64_t lda,
                  const float* b, int64_t ldb, float* c, bool accumulate) {
  if (rows == 0 || columns == 0) return;
  const int m = static_cast<int>(rows);
  const int n = static_cast<int>(columns);
  const int k = static_cast<int>(inner);
  const int la = static_cast<int>(lda);
  const int lb = static_cast<int>(ldb);
  const float one = 1.0f;
  const float beta = accumulate ? 1.0f : 0.0f;
  sgemm_(&ta, &tb, &m, &n, &k, &one, a, &la, b, &lb, &beta, c, &m);
}

}  // namespace

// Row-major c is column-major cᵀ = bᵀ aᵀ, hence the operands' order.
void product_nt(int64_t m, int64_t n, int64_t k, const float* a, const float* b, float* c, bool accumulate) {
  column_major('T', 'N', n, m, k, b, k, a, k, c, accumulate);
}

void product_nn(int64_t m, int64_t n, int64_t k, const float* a, const float* b, float* c, bool accumulate) {
  column_major('N', 'N', n, m, k, b, n, a, k, c, accumulate);
}

void product_tn(int64_t m, int64_t n, int64_t k, const float* a, const float* b, float* c, bool accumulate) {
  column_major('N', 'T', n, m, k, b, n, a, m, c, accumulate);
}

}  // namespace reverie::tensor
