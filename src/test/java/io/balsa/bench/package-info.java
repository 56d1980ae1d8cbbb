/**
 * Load from outside: {@link io.balsa.bench.PutLoad} is a closed loop of puts over HTTP against
 * servers that run already. {@code src/test/bench/compare-etcd.py} puts Balsa beside etcd.
 */
package io.balsa.bench;
