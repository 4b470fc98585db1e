using Samovar.Processes.Recorder;

namespace Samovar.Tests.Processes.Recorder;

/// <summary>Whatever a file holds, reading it returns contents or one clear error.</summary>
public sealed class RecordingReaderTests
{
    private const int Seed = 20261202;

    [ThreadFact]
    public void A_file_of_random_bytes_is_refused()
    {
        var random = new Random(Seed);
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = new byte[i % 2 == 0 ? RecordingHeader.FileLength : random.Next(2 * RecordingHeader.FileLength)];
            random.NextBytes(bytes);
            Should.Throw<InvalidDataException>(() => RecordingReader.Parse(bytes));
        }
    }

    [ThreadFact]
    public void Every_truncation_is_refused_and_names_both_lengths()
    {
        using var recording = new Recording();
        recording.Begin(1, "tea");
        byte[] whole = File.ReadAllBytes(recording.Path);
        string cut = recording.Path + ".cut";
        for (int length = 0; length < whole.Length; length += 97)
        {
            File.WriteAllBytes(cut, whole[..length]);
            string message = Should.Throw<InvalidDataException>(() => PostMortem.Open(cut)).Message;
            message.ShouldStartWith($"The tasks in {cut} cannot be read: it has {length:N0} bytes; a recording of tasks has 16,896.");
        }
    }

    [ThreadFact]
    public void Altered_bytes_give_contents_or_one_error()
    {
        using var recording = new Recording();
        for (int i = 1; i <= 70; i++)
        {
            recording.Begin(i, $"task {i}");
            recording.Recorder.Describe(static () => { }, method: null);
            if (i < 70) recording.Recorder.End(FutureState.Succeeded, i);
        }

        byte[] whole = File.ReadAllBytes(recording.Path);
        var random = new Random(Seed);
        int refused = 0;
        for (int round = 0; round < 5_000; round++)
        {
            byte[] altered = [.. whole];
            for (int change = 0; change <= round % 8; change++) altered[round % 3 == 0 ? random.Next(RecordingHeader.HeaderSize) : random.Next(altered.Length)] = (byte)random.Next(256);
            try
            {
                RecordingReader.Parse(altered).Tasks.Count.ShouldBeLessThanOrEqualTo(RecordingHeader.EntryCount);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        refused.ShouldBeInRange(100, 4_900);
    }

    [ThreadTheory]
    [InlineData(8, 2, "it has version 2, expected 1")]
    [InlineData(0, 1, "it is not a recording of tasks, or its worker died while it created it")]
    [InlineData(12, 63, "it has entries 63, expected 64")]
    [InlineData(64, 200, "it has executor name of 200, expected 0 to 128 bytes")]
    public void A_header_that_is_not_this_version_s_is_named(int offset, byte value, string words)
    {
        using var recording = new Recording();
        byte[] bytes = File.ReadAllBytes(recording.Path);
        bytes[offset] = value;

        Should.Throw<InvalidDataException>(() => RecordingReader.Parse(bytes)).Message.ShouldStartWith(words);
    }

    [ThreadFact]
    public void An_entry_that_is_being_written_is_left_out()
    {
        using var recording = new Recording();
        recording.Begin(1);
        recording.Begin(2);
        byte[] bytes = File.ReadAllBytes(recording.Path);
        bytes[RecordingHeader.HeaderSize] = 0; // the sequence of the first

        RecordingReader.Parse(bytes).Tasks.ShouldHaveSingleItem().TaskId.ShouldBe(2);
    }

    [ThreadFact]
    public void A_folder_and_a_missing_file_are_errors_of_the_file_system()
    {
        Should.Throw<FileNotFoundException>(static () => PostMortem.Open(Path.Combine(Path.GetTempPath(), "samovar-no-such-file")));
        Should.Throw<UnauthorizedAccessException>(static () => PostMortem.Open(Path.GetTempPath()));
        Should.Throw<ArgumentException>(static () => PostMortem.Open(""));
    }
}
