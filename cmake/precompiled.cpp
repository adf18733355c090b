// Nothing: it stands for precompiled.h (layers.cmake).
