namespace EksNode.Planning.Tests.Kubelet;

/// <summary>What eksnode calls the effective value is what running kubelets tell.</summary>
public sealed class EffectiveKubeletTests
{
    public static TheoryData<string> Records => [.. KubeletRecord.Names];

    [Theory]
    [MemberData(nameof(Records))]
    public void IsWhatKubeletsAnswered(string name)
    {
        var record = new KubeletRecord(Path.Combine(KubeletRecord.Folder, name));
        Assert.NotEmpty(record.Answers);
        foreach (var (version, file) in record.Answers)
        {
            var answered = KubeletRecord.Answered(File.ReadAllText(file));
            var effective = record.Effective(KubeletRecord.MinorOf(version));
            Assert.True(answered.SequenceEqual(effective), $"{name}, kubelet {version}:\n{Difference(answered, effective)}");
        }
    }

    [Theory]
    [MemberData(nameof(Records))]
    public async Task KubeletsStillAnswerThat(string name)
    {
        var kubelet = RealKubelet.Find();
        var record = new KubeletRecord(Path.Combine(KubeletRecord.Folder, name));
        Assert.SkipUnless(record.IsFor(kubelet.Version), $"{name} is not for kubelet {kubelet.Version}.");
        var answer = await kubelet.AskAsync(
            File.ReadAllText(record.ConfigFile), [.. record.DropInFiles.Select(File.ReadAllText)], record.Arguments, record.Port);
        if (Environment.GetEnvironmentVariable("EKSNODE_UPDATE") == "1")
        {
            await File.WriteAllTextAsync(record.AnswerFile(kubelet.Version), answer, TestContext.Current.CancellationToken);
        }

        var answered = KubeletRecord.Answered(answer);
        var effective = record.Effective(KubeletRecord.MinorOf(kubelet.Version));
        Assert.True(answered.SequenceEqual(effective), $"{name}, kubelet {kubelet.Version}:\n{Difference(answered, effective)}");
    }

    internal static string Difference(IEnumerable<string> answered, IEnumerable<string> effective) =>
        string.Join('\n', answered.Except(effective).Select(l => "kubelet: " + l).Concat(effective.Except(answered).Select(l => "eksnode: " + l)));
}
