/**
 * Where the process begins: {@link io.balsa.Main} hands its arguments to {@code cli}. The design is
 * told by the README, its rules are kept by {@code LayeringTest}.
 */
@ModuleGen(name = "balsa", groupPackage = "io.balsa")
package io.balsa;

import io.vertx.codegen.annotations.ModuleGen;
