# Fills a fresh Sympa with the lists and people of the tests, through Sympa's own modules and in one process.
# Arguments: first robot, second robot, file of a data source. real-sympa says who is who.
use strict;
use warnings;
use utf8;
use lib '/usr/share/sympa/lib';

use Digest::MD5;
use Encode;

use Conf;
use Sympa;
use Sympa::DatabaseManager;
use Sympa::Language;
use Sympa::List;
use Sympa::Spindle::ProcessRequest;
use Sympa::User;

my ($r1, $r2, $source) = @ARGV;
my $now = time;
Conf::load() or die 'no configuration';
Sympa::Language->instance->set_lang('en-US');
my $db = Sympa::DatabaseManager->instance or die 'no database';

# name => [domain, display name, password]: bcrypt = hashed by Sympa, md5 = old hash, none = no local password (as SSO and LDAP users)
my %people = (
    listmaster  => ['org', 'List Master',          'bcrypt'],
    olive       => ['org', 'Olive Owner',          'bcrypt'],
    norman      => ['org', 'Norman Normal-Owner',  'bcrypt'],
    edith       => ['org', 'Edith Editor',         'bcrypt'],
    alice       => ['org', 'Alice Liddell',        'bcrypt'],
    bob         => ['org', 'Bob Builder',          'md5'],
    carol       => ['org', 'Carol Concealed',      'md5'],
    dave        => ['org', 'Dave Suspended',       'bcrypt'],
    dora        => ['org', 'Dora Was-Suspended',   'bcrypt'],
    frank       => ['org', 'Frank Nomail',         'bcrypt'],
    heidi       => ['org', 'Heidi Sso',            'none'],
    ivy         => ['org', 'Ivy Included',         'bcrypt'],
    locked      => ['org', 'Locked Out',           'bcrypt'],
    mallory     => ['org', 'Mallory Outsider',     'bcrypt'],
    zoe         => ['org', 'Zoë Ångström 謝',      'bcrypt'],
    robotmaster => ['net', 'Robot Master',         'bcrypt'],
    nils        => ['net', 'Nils Owner',           'bcrypt'],
    erin        => ['net', 'Erin Net',             'bcrypt'],
);
for my $name (sort keys %people) {
    my ($domain, $gecos, $kind) = @{$people{$name}};
    my $email = "$name\@example.$domain";
    my %user  = (email => $email, gecos => Encode::encode_utf8($gecos), lang => 'en-US');
    $user{password} = $kind eq 'md5' ? Digest::MD5::md5_hex("pw-$name") : "pw-$name" unless $kind eq 'none';
    Sympa::User::is_global_user($email)
        ? Sympa::User::update_global_user($email, \%user)
        : Sympa::User::add_global_user(\%user);
}
Sympa::User::update_global_user('locked@example.org', {wrong_login_count => 50});

my $talk     = list($r1, 'open-talk',    'Open discussion',      'olive@example.org', 'noconceal', 'private', 'private',             'open');
my $team     = list($r1, 'team-private', 'Private team',         'olive@example.org', 'conceal',   'private', 'private',             'closed');
my $announce = list($r1, 'announce',     'Announcements',        'olive@example.org', 'noconceal', 'owner',   'editorkeyonly',       'open');
my $old      = list($r1, 'old-stuff',    'A closed list',        'olive@example.org', 'noconceal', 'private', 'private',             'open');
my $not_yet  = list($r1, 'not-yet',      'Waits for approval',   'olive@example.org', 'noconceal', 'private', 'private',             'open', 'pending');
my $talk2    = list($r2, 'open-talk',    'Same name, 2nd robot', 'nils@example.net',  'noconceal', 'private', 'private',             'open');
my $forum    = list($r2, 'forum',        'Forum of robot 2',     'nils@example.net',  'noconceal', 'private', 'privateoreditorkey',  'open');

members($talk, map {"$_\@example.org"} qw(alice bob carol dave dora frank heidi zoe locked));
members($talk, 'Mixed.Case@Example.ORG');    # stored in lower case; has no row in user_table
members($team,     map {"$_\@example.org"} qw(alice bob olive));
members($announce, map {"$_\@example.org"} qw(alice carol edith));
members($old,      map {"$_\@example.org"} qw(alice bob));
members($talk2, 'erin@example.net', 'nils@example.net', 'bob@example.org');
members($forum, 'erin@example.net', 'alice@example.org');

admin($talk,     'owner',  'norman@example.org', profile => 'normal');
admin($announce, 'owner',  'carol@example.org',  profile => 'normal', visibility => 'conceal');
admin($talk,     'editor', 'edith@example.org');
admin($announce, 'editor', 'edith@example.org');
admin($forum,    'editor', 'alice@example.org');

my $day = 86400;
my $suspend = 'suspend_subscriber = 1, suspend_start_date_subscriber = ?, suspend_end_date_subscriber = ?';
option($talk, 'carol@example.org', 'visibility_subscriber = ?', 'conceal');
option($talk, 'frank@example.org', 'reception_subscriber = ?',  'nomail');
option($talk, 'heidi@example.org', 'reception_subscriber = ?',  'digest');
option($talk, 'dave@example.org',  $suspend, $now - $day,      $now + 30 * $day);
option($talk, 'dora@example.org',  $suspend, $now - 30 * $day, $now - $day);
query('DELETE FROM user_table WHERE email_user = ?', 'mixed.case@example.org');

# A member that comes from a data source: subscribed_subscriber = 0, inclusion_subscriber = a time.
configure($team, "include_file $source");
request('include', $team, role => 'member');
request('close_list', $r1, current_list => [$old], mode => 'close');

# Makes a list as its template says and then sets what the test is about.
sub list {
    my ($robot, $name, $subject, $owner, $visibility, $review, $send, $subscribe, $status) = @_;
    request('create_list', $robot, parameters => {
        listname => $name, type => 'discussion_list', subject => $subject, description => $subject, topics => 'computers',
        status => $status // 'open', owner => [{email => $owner, gecos => "Owner of $name"}],
    });
    my $list = Sympa::List->new($name, $robot) or die "no list $name";
    return configure($list, "visibility $visibility", "review $review", "send $send", "subscribe $subscribe");
}

# Replaces paragraphs of one line in a list's config file, and loads it again.
sub configure {
    my ($list, @lines) = @_;
    my $file = "$list->{dir}/config";
    open my $in, '<', $file or die $file;
    my $text = do { local $/; <$in> };
    for my $line (@lines) { my ($key) = split / /, $line; $text =~ s/^\Q$key\E .*\n//mg; $text .= "\n$line\n" }
    open my $out, '>', $file or die $file;
    print $out $text;
    close $out;
    unlink "$file.bin";
    return Sympa::List->new($list->{name}, $list->{domain}, {reload_config => 1}) || die "no list $list->{name}";
}

sub request {
    my ($action, $context, %more) = @_;
    my $spindle = Sympa::Spindle::ProcessRequest->new(
        context => $context, action => $action, sender => Sympa::get_address($context, 'listmaster'),
        scenario_context => {skip => 1}, %more,
    );
    $spindle and $spindle->spin or die "$action failed";
    my @refused = grep { $_->[1] ne 'notice' } @{$spindle->{stash} || []};
    die "$action refused: " . join(', ', map { $_->[2] // $_->[1] } @refused) if @refused;
}

sub members {
    my ($list, @emails) = @_;
    for my $email (@emails) {
        my $person = $people{(split /@/, $email)[0]};
        $list->add_list_member({email => $email, $person ? (gecos => Encode::encode_utf8($person->[1])) : ()});
    }
}

sub admin {
    my ($list, $role, $email, %more) = @_;
    $list->add_list_admin($role, {email => $email, %more});
}

sub option {
    my ($list, $email, $set, @values) = @_;
    query("UPDATE subscriber_table SET $set WHERE user_subscriber = ? AND list_subscriber = ? AND robot_subscriber = ?",
        @values, $email, $list->{name}, $list->{domain});
}

sub query { $db->do_prepared_query(@_) or die "failed: $_[0]" }
