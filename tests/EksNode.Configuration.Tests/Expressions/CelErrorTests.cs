using System.Text;
using CsCheck;
using EksNode.Configuration.Expressions;

namespace EksNode.Configuration.Tests.Expressions;

public sealed class CelErrorTests
{
    [Theory]
    [InlineData("", "1:1: the expression ends where a value should be")]
    [InlineData("1 +", "1:4: the expression ends where a value should be")]
    [InlineData("1 2", "1:3: `2` stands where an operator or the end should be")]
    [InlineData("1 'a'", "1:3: a string stands where an operator or the end should be")]
    [InlineData("(1", "1:3: the expression ends where `)` should be")]
    [InlineData("[1, 2", "1:6: the expression ends where `,` should be")]
    [InlineData("{1 2}", "1:4: `2` stands where `:` should be")]
    [InlineData("f(1 2)", "1:5: `2` stands where `,` should be")]
    [InlineData("i = 7", "1:3: `=` is no operator; compare with `==`")]
    [InlineData("true & false", "1:6: `&` is no operator; write `&&`")]
    [InlineData("i\n  # 2", "2:3: the character `#` does not belong here")]
    [InlineData("i \u00a0+ 1", "1:3: the character U+00A0 does not belong here")]
    [InlineData("'abc", "1:1: the string that begins here has no closing '")]
    [InlineData("'a\nb'", "1:1: the string that begins here has no closing '")]
    [InlineData("'''a", "1:1: the string that begins here has no closing '''")]
    [InlineData("'a\\qb'", "1:3: this is no escape sequence; a backslash is written twice")]
    [InlineData("'\\u12'", "1:2: this escape sequence needs 4 hexadecimal digits")]
    [InlineData("'\\ud800'", "1:2: this escape sequence is no Unicode character")]
    [InlineData("'\\U00110000'", "1:2: this escape sequence is no Unicode character")]
    [InlineData("b'\\u0041'", "1:3: this is no escape sequence; a backslash is written twice")]
    [InlineData("'\\189'", "1:2: this escape sequence needs 3 octal digits")]
    [InlineData("9223372036854775808", "1:1: 9223372036854775808 is too large for an int")]
    [InlineData("18446744073709551616u", "1:1: 18446744073709551616u is too large for a uint")]
    [InlineData("1e999", "1:1: 1e999 is too large for a double")]
    [InlineData("12abc", "1:1: a number ends where `a` stands; is an operator missing?")]
    [InlineData("a.", "1:3: the expression ends where a field or a function should be")]
    [InlineData("a.in", "1:3: `in` stands where a field or a function should be")]
    [InlineData("if + 1", "1:1: `if` is a reserved word")]
    [InlineData("has(i)", "1:5: has() takes a field, as in has(a.b)")]
    [InlineData("[1].map(1, 2)", "1:9: the first argument of map() is the name of a variable")]
    [InlineData("Pod{name: 'x'}", "1:4: messages cannot be made here; use a map literal")]
    [InlineData("a.``", "1:3: between backticks stand letters, digits and `_-./ ` only")]
    public void What_cannot_be_read_is_named_with_its_place(string text, string expected) =>
        Assert.Equal("parse " + expected, CelTesting.Run(text));

    [Theory]
    [InlineData("i * 0.8", "1:3: `*` cannot be applied to int and double; convert one of them with int() or double()")]
    [InlineData("1 == 1.0", "1:3: `==` cannot be applied to int and double; convert one of them with int() or double()")]
    [InlineData("1 < 1u", "1:3: `<` cannot be applied to int and uint; convert one of them with int() or uint()")]
    [InlineData("1.5 % 1.5", "1:5: `%` cannot be applied to double and double")]
    [InlineData("'a' + 1", "1:5: `+` cannot be applied to string and int")]
    [InlineData("-'a'", "1:1: `-` cannot be applied to string")]
    [InlineData("-1u", "1:1: `-` cannot be applied to uint")]
    [InlineData("!1", "1:1: `!` cannot be applied to int")]
    [InlineData("1 ? 2 : 3", "1:3: the condition of `?:` is int, not bool")]
    [InlineData("true ? 1 : 'a'", "1:6: the two results of `?:` have different types: int and string")]
    [InlineData("1 == null", "1:3: `==` cannot be applied to int and null_type")]
    [InlineData("1 && true", "1:3: `&&` cannot be applied to int and bool")]
    [InlineData("1 in ['a']", "1:3: `in` cannot be applied to int and list(string)")]
    [InlineData("['a']['b']", "1:6: list(string) cannot be indexed with string")]
    [InlineData("{'a': 1}[1]", "1:9: map(string, int) cannot be indexed with int")]
    [InlineData("i.field", "1:2: int has no fields, so there is no `field`")]
    [InlineData("anyy + 1", "1:1: there is no variable `anyy`; did you mean `any`?")]
    [InlineData("strang(1)", "1:1: there is no function `strang`; did you mean `string`?")]
    [InlineData("math.least(1, 2)", "1:1: there is no variable `math`; there are `a.b`, `any`, `d`, `i`, `s`")]
    [InlineData("frobnicate(1)", "1:1: there is no function `frobnicate`; only the standard library of CEL is available")]
    [InlineData("size(1)", "1:1: size() does not take (int)")]
    [InlineData("1.size()", "1:3: int has no size()")]
    [InlineData("(1).size()", "1:5: int has no size()")]
    [InlineData("contains('a', 'b')", "1:1: contains() is called as x.contains(…)")]
    [InlineData("(1).string()", "1:5: string() is called as string(x)")]
    [InlineData("'a'.contains(1)", "1:5: string has no contains(int)")]
    [InlineData("s.matches('a.*')", "1:3: matches() is not supported: eksnode has no regular expressions; use contains(), startsWith() or endsWith()")]
    [InlineData("i.all(x, true)", "1:1: all() visits a list or a map, not int")]
    [InlineData("[1].all(x, x)", "1:12: the condition of all() is int, not bool")]
    [InlineData("[1].all(x, x == 'a')", "1:14: `==` cannot be applied to int and string")]
    public void What_has_no_type_is_named_with_its_place(string text, string expected) =>
        Assert.Equal("check " + expected, CelTesting.Run(text));

    [Fact]
    public void All_type_errors_are_found_in_one_run_in_the_order_of_the_text()
    {
        var check = CelExpression.Parse("[nope, 1 + 'a'].exists(x,\n zip(x))").Expression!.Check(CelTesting.Types);
        Assert.Equal([(1, 2), (1, 10), (2, 2)], check.Errors.Select(e => (e.Line, e.Column)));
    }

    [Theory]
    [InlineData("(", 100_000)]
    [InlineData("[", 16_000)]
    [InlineData("{1:", 5_000)]
    [InlineData("!(", 8_000)]
    [InlineData("-", 16_000)]
    [InlineData("1+", 8_000)]
    [InlineData("true?1:", 2_000)]
    [InlineData("f(", 8_000)]
    [InlineData("1in", 5_000)]
    [InlineData("a.", 8_000)]
    public void Depth_bombs_end_in_an_error(string piece, int count)
    {
        var text = new StringBuilder().Insert(0, piece, count).Append('1').ToString();
        Assert.NotEqual("", CelTesting.Run(text));
    }

    [Fact]
    public void Nesting_within_the_bound_is_evaluated()
    {
        Assert.Equal("7", CelTesting.Run(new string('(', 200) + "7" + new string(')', 200)));
        Assert.Equal("201", CelTesting.Run(string.Join(" + ", Enumerable.Repeat("1", 201))));
        Assert.Contains("nested deeper", CelTesting.Run(new string('(', 251) + "7" + new string(')', 251)));
        Assert.Contains("nested deeper", CelTesting.Run(string.Join(" + ", Enumerable.Repeat("1", 251))));
    }

    [Theory]
    [InlineData("[1,2,3,4,5,6,7,8,9,10]", 7)]
    public void Too_many_steps_end_in_an_error_that_nothing_absorbs(string list, int levels)
    {
        var body = "false";
        for (var i = 0; i < levels; i++)
        {
            body = $"{list}.exists(x, {body})";
        }

        Assert.Contains("too many steps", CelTesting.Run(body + " || true"));
    }

    [Fact]
    public void Doubling_values_are_bounded_in_time_and_text()
    {
        var strings = "['xxxxxxxx']" + string.Concat(Enumerable.Repeat(".map(x, x + x)", 60)) + "[0].size()";
        Assert.Contains("too many steps", CelTesting.Run(strings));

        var lists = "[[1]]" + string.Concat(Enumerable.Repeat(".map(x, [x, x])", 80));
        Assert.EndsWith("…", CelTesting.Run(lists));
        Assert.Contains("too many steps", CelTesting.Run($"{lists} == {lists}"));

        var types = "[1]" + string.Concat(Enumerable.Repeat(".map(x, {1: x, 2: [x]})", 80));
        Assert.EndsWith("…", CelTesting.Run(types));
    }

    [Fact]
    public void Overlong_text_is_refused() =>
        Assert.Equal("parse 1:1: the expression is longer than 16384 characters", CelTesting.Run(new string(' ', 16_385)));

    [Fact]
    public void Any_characters_end_in_a_value_or_an_error() =>
        Gen.String.Sample(text => Assert.NotEqual("", CelTesting.Run(text)), iter: Math.Max(Check.Iter, 5_000));

    [Fact]
    public void Any_tokens_end_in_a_value_or_an_error_checked_or_not()
    {
        string[] tokens =
        [
            "1", "2u", "0.5", "'a'", "b'\\xff'", "i", "d", "s", "any", "x", "null", "true", "false", "int", "(", ")", "[", "]", "{", "}",
            ",", ":", "?", ".", "+", "-", "*", "/", "%", "!", "&&", "||", "==", "<", ">=", " in ", "has(", ".all(x,", ".map(x,", ".filter(x,",
            ".exists_one(x,", "size(", ".size()", "string(", "double(", "dyn(", "type(", "timestamp(", "duration(", "'1h'", ".getHours(",
            "9223372036854775807", "\\", "\"", "\ud800", "`",
        ];
        Gen.Int[0, tokens.Length - 1].Select(t => tokens[t]).Array[1, 14].Select(string.Concat).Sample(
            text =>
            {
                Assert.NotEqual("", CelTesting.Run(text));
                if (CelExpression.Parse(text).Expression is { } expression)
                {
                    Assert.NotEqual("", CelTesting.RunUnchecked(expression));
                }
            },
            iter: Math.Max(Check.Iter, 20_000));
    }
}
