// libtorch_cpu's MKL asks this before it takes its AVX-512 code; its own answer is no on AMD, and a product
// is then about half as fast on Zen 4 and 5. An executable's definition comes before the library's. On Intel:
// the same answer.
extern "C" __attribute__((visibility("default"))) int mkl_serv_intel_cpu_true();
extern "C" int mkl_serv_intel_cpu_true() { return 1; }
