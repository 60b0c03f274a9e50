/**
 * PyTorch's operators and where they are in gemmule. A row: PyTorch's name, the place (`x` a method of the first
 * argument, `F` nn.functional, `g` the package), then PyTorch's parameters in PyTorch's order. Parameters before `|` are
 * positional in gemmule too, those after it go into the options object. `name!` is a parameter that gemmule has not:
 * a case that gives it a value is unsupported. A name that is not in the table is looked up as it is, in camelCase.
 */
const rows = `
abs x |
absolute=abs x |
acos x |
acosh x |
arccos=acos x |
add x other | alpha
addcdiv x tensor1 tensor2 | value
addcmul x tensor1 tensor2 | value
addmm x mat1 mat2 | beta alpha
addmv x mat vec | beta alpha
addbmm x batch1 batch2 | beta alpha
baddbmm x batch1 batch2 | beta alpha
all x dim | keepdim
any x dim | keepdim
amax x dim | keepdim
amin x dim | keepdim
argmax x dim | keepdim
argmin x dim | keepdim
argsort x dim | descending stable
asin x |
asinh x |
arcsin=asin x |
atan x |
arctan=atan x |
atanh x |
atan2 x other |
arctan2=atan2 x other |
bmm x mat2 |
broadcast_to x size |
cat g dim |
concat=cat g dim |
ceil x |
chunk x chunks | dim
clamp x | min max
clip=clamp x | min max
clamp_max=clamp x | max
clamp_min=clamp x | min
clone x |
contiguous x |
cos x |
cosh x |
count_nonzero x dim |
cumprod x dim | dtype
cumsum x dim | dtype
diag x | diagonal
diagonal x | offset dim1 dim2
div x other | rounding_mode
divide=div x other | rounding_mode
true_divide=div x other |
dot x other |
eq x other |
erf x |
erfc x |
exp x |
exp2 x |
expand x size |
expand_as x other |
expm1 x |
flatten x start_dim end_dim |
flip x dims |
fliplr x |
flipud x |
floor x |
floor_divide x other |
fmod x other |
frac x |
gather x dim index |
ge x other |
greater_equal=ge x other |
greater=gt x other |
gt x other |
hypot x other |
index_add x dim index source | alpha
index_select x dim index |
inner x other |
isclose g other | rtol atol equal_nan
isfinite x |
isinf x |
isnan x |
le x other |
less_equal=le x other |
less=lt x other |
lerp x end weight |
log x |
log10 x |
log1p x |
log2 x |
log_softmax x dim | dtype
logical_and x other |
logical_not x |
logical_or x other |
logical_xor x other |
logit x | eps
logsumexp x dim | keepdim
lt x other |
masked_fill x mask value |
masked_select x mask |
matmul x other |
linalg.matmul=matmul x other |
max x dim | keepdim
maximum x other |
fmax x other |
fmin x other |
mean x dim | keepdim dtype
min x dim | keepdim
minimum x other |
mm x mat2 |
movedim x source destination |
moveaxis=movedim x source destination |
mul x other |
multiply=mul x other |
mv x vec |
narrow x dim start length |
nansum x dim | keepdim dtype
ne x other |
not_equal=ne x other |
neg x |
negative=neg x |
norm x | p dim keepdim out! dtype
outer x vec2 |
ger=outer x vec2 |
permute x dims |
positive x |
pow x exponent |
float_power x exponent |
prod x dim | keepdim dtype
ravel x |
reciprocal x |
remainder x other |
repeat x repeats |
repeat_interleave x repeats | dim output_size!
reshape x shape |
reshape_as x other |
resolve_conj=clone x |
roll x shifts | dims
rot90 x | k dims
round x | decimals
rsqrt x |
scatter x dim index src | reduce!
scatter_add x dim index src |
select x dim index |
sgn=sign x |
sigmoid x |
special.expit=sigmoid x |
sign x |
sin x |
sinh x |
softmax x dim | dtype
sort x dim | descending stable
split x split_size | dim
split_with_sizes=split x split_size | dim
sqrt x |
square x |
squeeze x dim |
stack g dim |
std x dim | unbiased keepdim correction
std_mean x dim | unbiased keepdim correction
sub x other | alpha
subtract=sub x other | alpha
sum x dim | keepdim dtype
swapaxes=transpose x dim0 dim1 |
swapdims=transpose x dim0 dim1 |
t x |
take_along_dim x indices dim |
tan x |
tanh x |
tile x dims |
topk x k | dim largest sorted
transpose x dim0 dim1 |
tril x diagonal |
triu x diagonal |
trunc x |
fix=trunc x |
unbind x dim |
unflatten x dim sizes |
unsqueeze x dim |
var x dim | unbiased keepdim correction
var_mean x dim | unbiased keepdim correction
view x size |
view_as x other |
where x condition other |
nn.functional.adaptive_avg_pool1d F output_size |
nn.functional.adaptive_avg_pool2d F output_size |
nn.functional.adaptive_avg_pool3d F output_size |
nn.functional.adaptive_max_pool1d F output_size | return_indices
nn.functional.adaptive_max_pool2d F output_size | return_indices
nn.functional.adaptive_max_pool3d F output_size | return_indices
nn.functional.alpha_dropout F | p training inplace!
nn.functional.avg_pool1d F kernel_size | stride padding ceil_mode count_include_pad
nn.functional.avg_pool2d F kernel_size | stride padding ceil_mode count_include_pad divisor_override
nn.functional.avg_pool3d F kernel_size | stride padding ceil_mode count_include_pad divisor_override
nn.functional.batch_norm F running_mean running_var | weight bias training momentum eps
nn.functional.binary_cross_entropy F target | weight size_average! reduce! reduction
nn.functional.binary_cross_entropy_with_logits F target | weight size_average! reduce! reduction pos_weight
nn.functional.celu F | alpha inplace!
nn.functional.channel_shuffle F groups |
nn.functional.conv1d F weight bias | stride padding dilation groups
nn.functional.conv2d F weight bias | stride padding dilation groups
nn.functional.conv3d F weight bias | stride padding dilation groups
nn.functional.conv_transpose1d F weight bias | stride padding output_padding groups dilation
nn.functional.conv_transpose2d F weight bias | stride padding output_padding groups dilation
nn.functional.conv_transpose3d F weight bias | stride padding output_padding groups dilation
nn.functional.cosine_embedding_loss F input2 target | margin size_average! reduce! reduction
nn.functional.cosine_similarity F x2 | dim eps
nn.functional.cross_entropy F target | weight size_average! ignore_index reduce! reduction label_smoothing
nn.functional.dropout F | p training inplace!
nn.functional.dropout2d F | p training inplace!
nn.functional.dropout3d F | p training inplace!
nn.functional.elu F | alpha inplace!
nn.functional.fold F output_size kernel_size | dilation padding stride
nn.functional.gaussian_nll_loss F target var | full eps reduction
nn.functional.gelu F | approximate
nn.functional.glu F | dim
nn.functional.group_norm F num_groups | weight bias eps
nn.functional.hardshrink F | lambd
nn.functional.hardsigmoid F | inplace!
nn.functional.hardswish F | inplace!
nn.functional.hardtanh F | min_val max_val inplace!
nn.functional.hinge_embedding_loss F target | margin size_average! reduce! reduction
nn.functional.huber_loss F target | reduction delta
nn.functional.instance_norm F | running_mean running_var weight bias use_input_stats momentum eps
nn.functional.interpolate F | size scale_factor mode align_corners recompute_scale_factor antialias!
nn.functional.upsample=nn.functional.interpolate F | size scale_factor mode align_corners
nn.functional.kl_div F target | size_average! reduce! reduction log_target
nn.functional.l1_loss F target | size_average! reduce! reduction
nn.functional.layer_norm F normalized_shape | weight bias eps
nn.functional.leaky_relu F | negative_slope inplace!
nn.functional.linear F weight bias |
nn.functional.local_response_norm F size | alpha beta k
nn.functional.log_softmax F dim | _stacklevel dtype
nn.functional.logsigmoid F |
nn.functional.lp_pool1d F norm_type kernel_size | stride ceil_mode
nn.functional.lp_pool2d F norm_type kernel_size | stride ceil_mode
nn.functional.margin_ranking_loss F input2 target | margin size_average! reduce! reduction
nn.functional.max_pool1d F kernel_size | stride padding dilation ceil_mode return_indices
nn.functional.max_pool2d F kernel_size | stride padding dilation ceil_mode return_indices
nn.functional.max_pool3d F kernel_size | stride padding dilation ceil_mode return_indices
nn.functional.max_unpool1d F indices kernel_size | stride padding output_size
nn.functional.max_unpool2d F indices kernel_size | stride padding output_size
nn.functional.max_unpool3d F indices kernel_size | stride padding output_size
nn.functional.mish F | inplace!
nn.functional.mse_loss F target | size_average! reduce! reduction
nn.functional.nll_loss F target | weight size_average! ignore_index reduce! reduction
nn.functional.normalize F | p dim eps out!
nn.functional.one_hot F | num_classes
nn.functional.pad F pad | mode value
nn.functional.pairwise_distance F x2 | p eps keepdim
nn.functional.pixel_shuffle F upscale_factor |
nn.functional.pixel_unshuffle F downscale_factor |
nn.functional.poisson_nll_loss F target | log_input full size_average! eps reduce! reduction
nn.functional.prelu F weight |
nn.functional.relu F | inplace!
nn.functional.relu6 F | inplace!
nn.functional.selu F | inplace!
nn.functional.sigmoid F |
nn.functional.silu F | inplace!
nn.functional.smooth_l1_loss F target | size_average! reduce! reduction beta
nn.functional.soft_margin_loss F target | size_average! reduce! reduction
nn.functional.softmax F dim | _stacklevel dtype
nn.functional.softmin F dim | _stacklevel dtype
nn.functional.softplus F | beta threshold
nn.functional.softshrink F | lambd
nn.functional.softsign F |
nn.functional.tanh F |
nn.functional.tanhshrink F |
nn.functional.threshold F threshold value | inplace!
nn.functional.triplet_margin_loss F positive negative | margin p eps swap size_average! reduce! reduction
nn.functional.unfold F kernel_size | dilation padding stride
`;

export interface Signature {
  /** Name in gemmule. */
  readonly name: string;
  readonly place: 'x' | 'F' | 'g';
  /** Parameters after the first one, in PyTorch's order. */
  readonly parameters: readonly string[];
  /** How many of them are positional in gemmule. */
  readonly positional: number;
  /** Parameters that gemmule has not. */
  readonly missing: ReadonlySet<string>;
}

export const camelCase = (name: string): string =>
  name.replace(/^_+/, '').replace(/_+([a-zA-Z0-9])/g, (_, c: string) => c.toUpperCase());

const functional = 'nn.functional.';

function parse(row: string): [string, Signature] {
  const [head, place, ...rest] = row.split(' ');
  const [from, to = from] = head.split('=');
  const bar = rest.indexOf('|');
  const words = rest.filter((word) => word !== '|');
  const signature: Signature = {
    name: camelCase(to.startsWith(functional) ? to.slice(functional.length) : to),
    place: place as Signature['place'],
    parameters: words.map((word) => word.replace('!', '')),
    positional: bar,
    missing: new Set(words.filter((word) => word.endsWith('!')).map((word) => word.slice(0, -1))),
  };
  return [from, signature];
}

const table = new Map(rows.trim().split('\n').map(parse));

/** The row of a PyTorch name; for an unknown one, its parameters are the arguments that come. */
export function signatureOf(op: string, given: number): Signature {
  const known = table.get(op);
  if (known) return known;
  const inFunctional = op.startsWith(functional);
  const parameters = Array.from({ length: Math.max(given - 1, 0) }, (_, i) => `#${i}`);
  const name = camelCase(inFunctional ? op.slice(functional.length) : op.replace(/^(special|linalg)\./, ''));
  return { name, place: inFunctional ? 'F' : 'x', parameters, positional: parameters.length, missing: new Set() };
}
