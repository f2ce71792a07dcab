package service

import (
	"context"

	"letterlock"
	"letterlock/internal/store"
)

// settingServed is the address that the instance was served at last. Nobody
// changes it by hand.
const settingServed = "served_at"

// Announce stores the configured address as the one that is served now. A
// service beside, which is configured with none, makes its links with that.
func (s *Service) Announce(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		switch was, err := tx.Setting(settingServed); {
		case err != nil && err != letterlock.ErrNotFound:
			return err
		case err == nil && was == s.config.URL:
			return nil
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		return tx.SetSetting(settingServed, s.config.URL, now)
	})
}
