using EksNode.Configuration.Expressions;

namespace EksNode.Configuration.Tests.Expressions;

public sealed class MaxPodsExpressionTests
{
    // m4.xlarge: 4 interfaces of 15 addresses, 58 pods.
    private static MaxPodsResult Evaluate(string text) => MaxPodsExpression.Evaluate(text, 4, 15, 58);

    [Theory]
    [InlineData("max_pods", 58)]
    [InlineData("default_enis * (ips_per_eni - 1) + 2", 58)]
    [InlineData("(default_enis - 1) * (ips_per_eni - 1) + 2", 44)]
    [InlineData("max_pods > 50 ? 50 : max_pods", 50)]
    [InlineData("uint(25)", 25)]
    [InlineData("double(max_pods) * 0.8", 46)]
    [InlineData("int(double(max_pods) * 0.8)", 46)]
    [InlineData("'25'", 25)]
    [InlineData("timestamp(25)", 25)]
    [InlineData("duration('25ns')", 25)]
    [InlineData("2147483647", 2147483647)]
    [InlineData("[max_pods, 110].filter(x, x < 60)[0]", 58)]
    [InlineData("{'a': 17}.a", 17)]
    [InlineData("dyn(17.9)", 17)]
    [InlineData("1.999", 1)]
    public void A_result_is_converted_to_a_number(string text, int expected)
    {
        Assert.Null(MaxPodsExpression.Validate(text));
        Assert.Equal(new MaxPodsResult(expected, null), Evaluate(text));
    }

    [Theory]
    [InlineData("max_pods * 0.8", "1:10: `*` cannot be applied to int and double; convert one of them with int() or double()")]
    [InlineData("max_pod", "1:1: there is no variable `max_pod`; did you mean `max_pods`?")]
    [InlineData("[1, 2].min()", "1:8: there is no function `min`; only the standard library of CEL is available")]
    [InlineData("math.least(max_pods, 110)", "1:1: there is no variable `math`; there are `default_enis`, `ips_per_eni`, `max_pods`")]
    [InlineData("max_pods > 100", "1:1: the expression gives bool, not a number")]
    [InlineData("[max_pods]", "1:1: the expression gives list, not a number")]
    [InlineData("{'a': 1}", "1:1: the expression gives map, not a number")]
    [InlineData("null", "1:1: the expression gives null_type, not a number")]
    [InlineData("max_pods +", "1:11: the expression ends where a value should be")]
    public void A_mistake_is_found_before_an_instance_is_known(string text, string expected)
    {
        Assert.Equal(expected, MaxPodsExpression.Validate(text)?.ToString());
        Assert.Equal(expected, Evaluate(text).Error?.ToString());
        Assert.Null(Evaluate(text).MaxPods);
    }

    [Theory]
    [InlineData("0", "1:1: the expression gives 0; max pods are 1 to 2147483647")]
    [InlineData("0.9", "1:1: the expression gives 0; max pods are 1 to 2147483647")]
    [InlineData("max_pods - 100", "1:1: the expression gives -42; max pods are 1 to 2147483647")]
    [InlineData("2147483648", "1:1: the expression gives 2147483648; max pods are 1 to 2147483647")]
    [InlineData("duration('5s')", "1:1: the expression gives 5000000000; max pods are 1 to 2147483647")]
    [InlineData("'many'", "1:1: the expression gives no number: \"many\" is no int")]
    [InlineData("1e30", "1:1: the expression gives no number: 1e+30 is out of the range of int")]
    [InlineData("max_pods / (default_enis - 4)", "1:10: division by zero")]
    [InlineData("dyn(true)", "1:1: the expression gives bool, not a number")]
    public void A_result_that_is_no_number_of_pods_is_an_error(string text, string expected)
    {
        Assert.Null(MaxPodsExpression.Validate(text));
        Assert.Equal(expected, Evaluate(text).Error?.ToString());
        Assert.Null(Evaluate(text).MaxPods);
    }
}
