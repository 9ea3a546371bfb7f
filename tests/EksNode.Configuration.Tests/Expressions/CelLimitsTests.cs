using EksNode.Configuration.Expressions;

namespace EksNode.Configuration.Tests.Expressions;

/// <summary><c>min</c>, <c>max</c> and <c>clamp</c> of <c>spec.maxPods.expression</c>.</summary>
public sealed class CelLimitsTests
{
    [Theory]
    [InlineData("min(max_pods, 20)", 20)]
    [InlineData("min(max_pods, 110, 30)", 30)]
    [InlineData("max(max_pods, 110, 30, 7)", 110)]
    [InlineData("max(1, 2)", 2)]
    [InlineData("clamp(max_pods, 10, 50)", 50)]
    [InlineData("clamp(max_pods, 60, 90)", 60)]
    [InlineData("clamp(max_pods, 10, 90)", 58)]
    [InlineData("min(double(max_pods) * 0.5, 99.0)", 29)]
    [InlineData("cpus * 8", 32)]
    [InlineData("memory_mib / 512", 32)]
    [InlineData("[1, 2].map(x, max(x, 2))[0]", 2)]
    public void They_limit_numbers(string text, int expected)
    {
        Assert.Null(MaxPodsExpression.Validate(text, own: true));
        Assert.Equal(new MaxPodsResult(expected, null), MaxPodsExpression.Evaluate(text, 4, 15, 58, 4, 16384));
    }

    [Theory]
    [InlineData("min(max_pods)", "1:1: min() does not take (int)")]
    [InlineData("min(max_pods, 2.5)", "1:1: min() does not take (int, double)")]
    [InlineData("clamp(1, 2)", "1:1: clamp() does not take (int, int)")]
    [InlineData("max_pods.min(2)", "1:10: min() is called as min(x)")]
    [InlineData("mni(1, 2)", "1:1: there is no function `mni`; did you mean `min`?")]
    public void What_they_do_not_take_is_an_error(string text, string error) => Assert.Equal(error, MaxPodsExpression.Validate(text, own: true)?.ToString());

    [Fact]
    public void Bounds_in_the_wrong_order_and_unknown_facts_are_errors_of_the_evaluation()
    {
        Assert.Contains("the first one is the larger", MaxPodsExpression.Evaluate("clamp(max_pods, 9, 3)", 4, 15, 58, 4, 1).Error?.Message, StringComparison.Ordinal);
        Assert.Equal("the number of CPUs is not known", MaxPodsExpression.Evaluate("cpus", 4, 15, 58, null, null).Error?.Message);
    }

    [Theory]
    [InlineData("min(max_pods, 2)", "there is no function `min`; `spec.maxPods.expression` has it")]
    [InlineData("cpus", "there is no variable `cpus`; there are `default_enis`, `ips_per_eni`, `max_pods`")]
    public void The_expression_of_the_kubelet_settings_has_none_of_it(string text, string message)
    {
        Assert.Equal(message, MaxPodsExpression.Validate(text)?.Message);
        Assert.Null(MaxPodsExpression.Evaluate(text, 4, 15, 58).MaxPods);
    }
}
