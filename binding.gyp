# The addon: bindings and runtime for the baseline, and one static library of all kernels per instruction set, since gyp
# has no flags per file. Sources and flags come from native/sources.mjs, which CMake reads as well.
{
  'target_defaults': {
    'include_dirs': ['<!(node -p "require(\'node-addon-api\').include_dir")'],
    'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS'],
    'cflags!': ['-flto'],
    'cflags_cc!': ['-std=gnu++17', '-std=gnu++20'],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
      'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      'MACOSX_DEPLOYMENT_TARGET': '11.0',
    },
    'msvs_settings': {'VCCLCompilerTool': {'ExceptionHandling': 1, 'AdditionalOptions': ['/std:c++17']}},
  },
  'targets': [
    {
      'target_name': 'gemmule',
      'sources': ['<!@(node native/sources.mjs bindings)', '<!@(node native/sources.mjs runtime)'],
      'dependencies': ['kernels_portable'],
      'cflags_cc!': ['-fno-exceptions'],
      'cflags_cc': ['-std=c++17', '-O2', '-fvisibility=hidden', '-Wall', '-Wextra', '-Wno-cast-function-type'],
      'conditions': [
        ['target_arch=="x64"', {
          'dependencies': ['kernels_avx2', 'kernels_avx512'],
          'defines': ['GEMMULE_HAS_avx2=1', 'GEMMULE_HAS_avx512=1'],
        }],
        ['target_arch=="arm64"', {'dependencies': ['kernels_neon'], 'defines': ['GEMMULE_HAS_neon=1']}],
        ['OS=="linux"', {'ldflags': ['-static-libstdc++', '-static-libgcc', '-Wl,--exclude-libs,ALL']}],
      ],
    },
    {
      'target_name': 'kernels_portable',
      'type': 'static_library',
      'sources': ['<!@(node native/sources.mjs kernels)'],
      'defines': ['GEMMULE_ISA=portable'],
      'cflags_cc': ['<!@(node native/sources.mjs flags portable gcc)'],
      'xcode_settings': {'OTHER_CPLUSPLUSFLAGS': ['<!@(node native/sources.mjs flags portable gcc)']},
      'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['<!@(node native/sources.mjs flags portable msvc)']}},
    },
  ],
  'conditions': [
    ['target_arch=="x64"', {
      'targets': [
        {
          'target_name': 'kernels_avx2',
          'type': 'static_library',
          'sources': ['<!@(node native/sources.mjs kernels)'],
          'defines': ['GEMMULE_ISA=avx2'],
          'cflags_cc': ['<!@(node native/sources.mjs flags avx2 gcc)'],
          'xcode_settings': {'OTHER_CPLUSPLUSFLAGS': ['<!@(node native/sources.mjs flags avx2 gcc)']},
          'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['<!@(node native/sources.mjs flags avx2 msvc)']}},
        },
        {
          'target_name': 'kernels_avx512',
          'type': 'static_library',
          'sources': ['<!@(node native/sources.mjs kernels)'],
          'defines': ['GEMMULE_ISA=avx512'],
          'cflags_cc': ['<!@(node native/sources.mjs flags avx512 gcc)'],
          'xcode_settings': {'OTHER_CPLUSPLUSFLAGS': ['<!@(node native/sources.mjs flags avx512 gcc)']},
          'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['<!@(node native/sources.mjs flags avx512 msvc)']}},
        },
      ],
    }],
    ['target_arch=="arm64"', {
      'targets': [
        {
          'target_name': 'kernels_neon',
          'type': 'static_library',
          'sources': ['<!@(node native/sources.mjs kernels)'],
          'defines': ['GEMMULE_ISA=neon'],
          'cflags_cc': ['<!@(node native/sources.mjs flags neon gcc)'],
          'xcode_settings': {'OTHER_CPLUSPLUSFLAGS': ['<!@(node native/sources.mjs flags neon gcc)']},
          'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['<!@(node native/sources.mjs flags neon msvc)']}},
        },
      ],
    }],
  ],
}
